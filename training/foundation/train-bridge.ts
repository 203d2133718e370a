import { apply } from '../../models/graph/component.ts';
import type { Graph, Value } from '../../models/graph/graph.ts';
import { add } from '../../models/graph/ops/index.ts';
import type { ParamStore } from '../../models/graph/param.ts';
import { inferenceHead } from '../../models/heads/inference-head.ts';
import { random, type Random } from '../../models/random.ts';
import type { TensorData } from '../../models/runtime/session.ts';
import { compileStep, type Objective } from '../engine/compile-step.ts';
import { trainLoop } from '../engine/train-loop.ts';
import { virtualLoss } from '../losses/virtual-loss.ts';
import { floats } from '../stages/batch.ts';
import { modalityGap } from './modality-gap.ts';
import { unit, type EmbeddingPairs } from './pairs.ts';

/** A number for each of the two heads. */
export type Closeness = Readonly<Record<keyof typeof BRIDGE, number>>;

export interface BridgeConfig {
  /** Hidden units of each head. */
  readonly hidden: number;
  readonly steps: number;
  readonly rate: number;
  readonly decay: number;
  /** Temperature of the matching. */
  readonly tau: number;
  /** Whether each real embedding must also find its virtual one. */
  readonly symmetric: boolean;
  /** Weight of 1 - cosine beside the matching, of each head. */
  readonly closeness: Closeness;
  /** Largest share of the difference between two captions of another image that is added to a caption. */
  readonly transplant: number;
  /** Largest share of another pair that is blended into a pair. */
  readonly blend: number;
}

/** Names under which the parameters of both heads are stored. */
export const BRIDGE = { textToVisual: 'text_to_visual', visualToText: 'visual_to_text' } as const;

/**
 * Trains Text-2-Visual and Visual-2-Text of a foundation model on pairs of its embeddings, each an inference head whose
 * first state is the identity moved across the modality gap, so that training starts at the bootstrap and weight decay
 * pulls back to it:
 *
 *     L = L_t2v + L_v2t,   L_x = semantic matching + closeness (1 - cos(virtual, real))
 *
 * A batch is every image once, with a random blend of its captions. Pairs are blended with others, and captions vary as
 * those of other images do, since there are fewer pairs than dimensions.
 */
export async function trainBridge(pairs: EmbeddingPairs, config: BridgeConfig, seed: number): Promise<ParamStore> {
  const { dimension, images } = pairs;
  const batch = images.length;
  const step = await compileStep((g) => bridgeObjective(g, batch, dimension, config), {
    seed,
    threads: 1,
    params: firstParams(pairs, config.hidden),
  });
  try {
    return await trainLoop({
      step,
      seed,
      config: {
        schedule: { steps: config.steps, peak: config.rate, warmup: Math.ceil(config.steps / 20), floor: 0.02 },
        optimizer: { weightDecay: config.decay },
        clipNorm: 1,
        averageDecay: 0.95,
        checkpointEvery: config.steps + 1,
      },
      batch: (at) => bridgeBatch(pairs, config, random(seed, 'bridge batch', at)),
    });
  } finally {
    await step.close();
  }
}

/** Start values: no correction, and the gap as the last bias; the first layers are drawn. */
function firstParams({ dimension, captions, images }: EmbeddingPairs, hidden: number): ParamStore {
  const gap = modalityGap(captions.flat(), images);
  return new Map([
    [`${BRIDGE.textToVisual}.down.w`, new Float32Array(hidden * dimension)],
    [`${BRIDGE.textToVisual}.down.b`, gap],
    [`${BRIDGE.visualToText}.down.w`, new Float32Array(hidden * dimension)],
    [`${BRIDGE.visualToText}.down.b`, gap.map((value) => -value)],
  ]);
}

function bridgeObjective(g: Graph, batch: number, dimension: number, config: BridgeConfig): Objective {
  const { hidden, tau, symmetric, closeness } = config;
  const head = inferenceHead(dimension, hidden, dimension);
  const ports = (name: string): Value => g.input(name, [batch, dimension]);
  const image = ports('image');
  const text = ports('text');
  const valid = g.constant(new Float32Array(batch).fill(1), [batch]);
  const loss = (virtual: Value, real: Value, pull: number): Value =>
    virtualLoss(g, virtual, real, valid, { tau, symmetric, pull });
  const textToVisual = loss(apply(g, head, BRIDGE.textToVisual, ports('query')), image, closeness.textToVisual);
  const visualToText = loss(apply(g, head, BRIDGE.visualToText, image), text, closeness.visualToText);
  return { loss: add(g, textToVisual, visualToText), metrics: { textToVisual, visualToText } };
}

function bridgeBatch(pairs: EmbeddingPairs, config: BridgeConfig, draw: Random): Record<string, TensorData> {
  const { dimension, images, captions } = pairs;
  const texts = captions.map((own) => blendOf(own, draw));
  const image = new Float32Array(images.length * dimension);
  const text = image.slice();
  const queries = image.slice();
  for (const [i, own] of images.entries()) {
    const other = draw.int(images.length);
    const share = config.blend * draw.uniform();
    const mixed = mix(texts[i] as Float32Array, texts[other] as Float32Array, share);
    image.set(unit(mix(own, images[other] as Float32Array, share)), i * dimension);
    text.set(unit(mixed), i * dimension);
    const elsewhere = draw.pick(captions);
    const [from, to] = [draw.pick(elsewhere), draw.pick(elsewhere)];
    const amount = config.transplant * draw.uniform();
    const moved = mixed.map((value, k) => value + amount * ((to[k] as number) - (from[k] as number)));
    queries.set(unit(moved), i * dimension);
  }
  const dims = [images.length, dimension];
  return { image: floats(image, dims), text: floats(text, dims), query: floats(queries, dims) };
}

/** A random weighted mean, of length 1, that is one of the vectors as often as not. */
function blendOf(vectors: readonly Float32Array[], draw: Random): Float32Array {
  const first = draw.pick(vectors);
  return draw.chance(0.5) ? first : unit(mix(first, draw.pick(vectors), draw.uniform()));
}

function mix(a: Float32Array, b: Float32Array, share: number): Float32Array {
  return a.map((value, i) => (1 - share) * value + share * (b[i] as number));
}
