import { initParams, type ParamStore } from '../../models/graph/param.ts';
import { headsGraph } from '../../models/heads/heads-graph.ts';
import type { HeadsConfig } from '../../models/heads/trml.ts';
import { meanOf, unit } from './pairs.ts';

export interface BootstrapInput {
  /** d and n of the foundation model's bundle. */
  readonly dimension: number;
  readonly slots: number;
  /** One embedding of length 1 per emotion: the mean of its prompts'. */
  readonly emotions: readonly Float32Array[];
  /** The same for negative, neutral, positive. */
  readonly sentiments: readonly [Float32Array, Float32Array, Float32Array];
  /** From text to images; see modalityGap. */
  readonly gap: Float32Array;
}

export interface BootstrappedHeads {
  readonly config: HeadsConfig;
  readonly params: ParamStore;
  /** For `training` of the manifest: nobody has measured how likely these readings are to be right. */
  readonly training: { readonly method: 'bootstrap'; readonly calibrated: false };
}

/** CLIP's own temperature, 1/100, on a cosine; halved, since two modalities are added. */
const SHARPNESS = 50;
/** Score per unit of cosine between positive and negative. */
const SCORE_SHARPNESS = 30;

/**
 * Heads for a foundation model before any training, in the architecture that training uses, so that the same bundle code
 * runs them:
 *
 *     v̂ = |e_t + gap|     t̂ = |mean(F) - gap|     logit_c = s (mean(F) + e_t) . (p_c - mean(p))
 *
 * A class p_c is the embedding of prompts. Inference heads without correction add the gap to their input; the task head
 * reads a product x through GELU as gelu(x) - gelu(-x) = x. The result is uncalibrated.
 */
export function bootstrapHeads(input: BootstrapInput): BootstrappedHeads {
  const { dimension, slots, emotions, sentiments, gap } = input;
  const directions = [...centred(emotions), ...centred(sentiments)];
  const config: HeadsConfig = {
    dimension,
    slots,
    temporal: 1,
    pooling: 'mean',
    inference: 1,
    task: 2 * directions.length,
    emotions: emotions.length,
    dropout: 0,
    fill: 'virtual',
  };
  const params = initParams(headsGraph(config), 0);
  for (const values of params.values()) values.fill(0);
  set(params, 'heads.textToVisual.down.b', gap);
  set(
    params,
    'heads.visualToText.down.b',
    gap.map((value) => -value),
  );
  const hidden = new Float32Array(2 * dimension * config.task);
  for (const [unitAt, direction] of directions.entries())
    for (let i = 0; i < 2 * dimension; i++) {
      const value = direction[i % dimension] as number;
      hidden[i * config.task + 2 * unitAt] = value;
      hidden[i * config.task + 2 * unitAt + 1] = -value;
    }
  set(params, 'heads.task.hidden.w', hidden);
  const read = (outputs: number, from: number, sharpness: number): Float32Array =>
    readout(config.task, outputs, (output) => [[from + output, sharpness]]);
  set(params, 'heads.task.emotion.w', read(emotions.length, 0, SHARPNESS));
  set(params, 'heads.task.sentiment.w', read(3, emotions.length, SHARPNESS));
  const [negative, positive] = [emotions.length, emotions.length + 2];
  const toScore = readout(config.task, 1, () => [
    [positive, SCORE_SHARPNESS],
    [negative, -SCORE_SHARPNESS],
  ]);
  set(params, 'heads.task.score.w', toScore);
  return { config, params, training: { method: 'bootstrap', calibrated: false } };
}

/** One embedding of length 1 for several prompts. */
export function promptEmbedding(prompts: readonly Float32Array[]): Float32Array {
  return unit(meanOf(prompts));
}

/** Classes without what they share, which says nothing about which it is. */
function centred(classes: readonly Float32Array[]): Float32Array[] {
  const shared = meanOf(classes);
  return classes.map((one) => one.map((value, i) => value - (shared[i] as number)));
}

/** Weights [task, outputs] that read products out of their pairs of hidden units. */
function readout(
  task: number,
  outputs: number,
  products: (output: number) => readonly (readonly [product: number, weight: number])[],
): Float32Array {
  const weights = new Float32Array(task * outputs);
  for (let output = 0; output < outputs; output++)
    for (const [product, weight] of products(output)) {
      weights[2 * product * outputs + output] = weight;
      weights[(2 * product + 1) * outputs + output] = -weight;
    }
  return weights;
}

function set(params: ParamStore, name: string, values: Float32Array): void {
  const known = params.get(name);
  if (known?.length !== values.length) throw new RangeError(`the heads have no ${name} of ${values.length} values`);
  known.set(values);
}
