import { emitOnnx } from '../../../models/graph/onnx/emit.ts';
import { apply } from '../../../models/graph/component.ts';
import { Graph } from '../../../models/graph/graph.ts';
import { add } from '../../../models/graph/ops/index.ts';
import type { ParamStore } from '../../../models/graph/param.ts';
import { inferenceHead } from '../../../models/heads/inference-head.ts';
import { random } from '../../../models/random.ts';
import { openSession } from '../../../models/runtime/session.ts';
import { compileStep, type Objective } from '../../engine/compile-step.ts';
import { trainLoop } from '../../engine/train-loop.ts';
import type { MetricRecord } from '../../evaluation/metrics/metric-record.ts';
import { virtualLoss } from '../../losses/virtual-loss.ts';
import { rowFolds } from '../../pools/row-folds.ts';
import type { Recipe } from '../../recipes/recipe.ts';
import { floats, floatVector } from '../../stages/batch.ts';
import { retrieval, retrievalRecord, type Retrieval } from '../retrieval.ts';
import { spreadOf, type Spread } from '../statistics.ts';
import { PAIR_FOLDS, type Pairs } from './read-pairs.ts';

/** The inference heads on pairs of another space: what `retrievalRecord` gives of both, over seeds. */
export interface PairsReport {
  readonly title: string;
  readonly metrics: Readonly<Record<string, Spread>>;
}

export interface PairsOptions {
  readonly pairs: Pairs;
  readonly recipe: Pick<Recipe, 'heads' | 'clips'>;
  readonly seeds: readonly number[];
  readonly steps: number;
  /** Weight of the distance to the real embedding; 0 unless given. */
  readonly pull?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Low, for a few hundred pairs of embeddings that lie nearly right from the start. */
const PEAK = 2e-4;

/**
 * Trains the two inference heads by semantic matching alone on four fifths of the images and their texts, and looks for
 * the images and texts of the last fifth among themselves, fold by fold. No image is trained on and tested at once.
 */
export async function pairsReport(options: PairsOptions): Promise<PairsReport> {
  const { pairs, seeds, pull = 0, signal } = options;
  const records: MetricRecord[] = [];
  for (const seed of seeds) {
    const found: Record<Name, Retrieval[]> = { video: [], text: [], rawVideo: [], rawText: [] };
    for (const { train, test } of rowFolds(pairs.images, PAIR_FOLDS, seed, 'pairs')) {
      signal?.throwIfAborted();
      await runFold(train, test, seed, found, options);
    }
    records.push({
      ...retrievalRecord('virtual_video', meanOf(found.video), meanOf(found.rawVideo)),
      ...retrievalRecord('virtual_text', meanOf(found.text), meanOf(found.rawText)),
    });
  }
  const keys = Object.keys(records[0] ?? {});
  const { images, textsEach, dimension } = pairs;
  return {
    title: `${images} images with ${textsEach} texts each, ${dimension} dimensions: a fifth left out at a time; ${pull === 0 ? 'matching alone' : `matching and a pull of ${pull}`}`,
    metrics: Object.fromEntries(keys.map((key) => [key, spreadOf(records.map((record) => record[key]))])),
  };
}

type Name = 'video' | 'text' | 'rawVideo' | 'rawText';

async function runFold(
  train: readonly number[],
  test: readonly number[],
  seed: number,
  found: Record<Name, Retrieval[]>,
  { pairs, recipe, steps, pull = 0, signal }: PairsOptions,
): Promise<void> {
  const { dimension, textsEach } = pairs;
  const { heads, clips } = recipe;
  const record = (g: Graph, rows: number | string) => {
    const image = g.input('image', [rows, dimension]);
    const text = g.input('text', [rows, dimension]);
    const head = inferenceHead(dimension, heads.inference, dimension, heads.depth);
    return { image, text, video: apply(g, head, 'textToVisual', text), said: apply(g, head, 'visualToText', image) };
  };
  const objective = (g: Graph): Objective => {
    const { image, text, video, said } = record(g, train.length);
    const valid = g.input('valid', [train.length]);
    const { tau, symmetric } = clips;
    const match = { tau, symmetric, pull };
    return {
      loss: add(g, virtualLoss(g, video, image, valid, match), virtualLoss(g, said, text, valid, match)),
    };
  };
  const step = await compileStep(objective, { seed, threads: 1 });
  const batch = (at: number) => {
    const draw = random(seed, 'pairs batch', at);
    return {
      ...feedOf(pairs, train, () => draw.int(textsEach)),
      valid: floatVector(train.map(() => 1)),
    };
  };
  const schedule = { ...clips.loop.schedule, steps, peak: PEAK, warmup: Math.ceil(steps / 20) };
  const config = { ...clips.loop, schedule, averageDecay: 0.95, checkpointEvery: steps };
  let params: ParamStore;
  try {
    params = await trainLoop({ step, config, seed, batch, signal });
  } finally {
    await step.close();
  }

  const g = new Graph();
  const { video, said } = record(g, 'N');
  g.output('virtual_video', video);
  g.output('virtual_text', said);
  const session = await openSession(emitOnnx(g, { params }), { threads: 1 });
  try {
    for (let which = 0; which < textsEach; which++) {
      const feed = feedOf(pairs, test, () => which);
      const out = await session.run(feed);
      const image = feed.image.data as Float32Array;
      const text = feed.text.data as Float32Array;
      found.video.push(retrieval(out['virtual_video']?.data as Float32Array, image, dimension));
      found.text.push(retrieval(out['virtual_text']?.data as Float32Array, text, dimension));
      found.rawVideo.push(retrieval(text, image, dimension));
      found.rawText.push(retrieval(image, text, dimension));
    }
  } finally {
    await session.close();
  }
}

/** Each image with one of its texts. */
function feedOf({ dimension, textsEach, image, text }: Pairs, images: readonly number[], which: () => number) {
  const rows = (source: Float32Array, at: (image: number) => number) => {
    const out = new Float32Array(images.length * dimension);
    for (const [to, from] of images.entries())
      out.set(source.subarray(at(from) * dimension, (at(from) + 1) * dimension), to * dimension);
    return floats(out, [images.length, dimension]);
  };
  const chosen = new Map(images.map((i) => [i, i * textsEach + which()]));
  return { image: rows(image, (i) => i), text: rows(text, (i) => chosen.get(i) ?? 0) };
}

function meanOf(parts: readonly Retrieval[]): Retrieval {
  const mean = (of: (part: Retrieval) => number): number =>
    parts.reduce((sum, part) => sum + of(part), 0) / Math.max(1, parts.length);
  return {
    n: mean((part) => part.n),
    cosine: mean((part) => part.cosine),
    r1: mean((part) => part.r1),
    r10: mean((part) => part.r10),
  };
}
