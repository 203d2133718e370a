import { emitOnnx } from '../../models/graph/onnx/emit.ts';
import { apply } from '../../models/graph/component.ts';
import { Graph } from '../../models/graph/graph.ts';
import { headsInput } from '../../models/heads/heads-graph.ts';
import type { HeadsConfig } from '../../models/heads/trml.ts';
import { openSession } from '../../models/runtime/session.ts';
import type { ParamStore } from '../../models/graph/param.ts';
import { compileStep } from '../engine/compile-step.ts';
import { trainLoop, withSteps, type LoopConfig } from '../engine/train-loop.ts';
import type { Recipe } from '../recipes/recipe.ts';
import { floats } from '../stages/batch.ts';
import { hasAny, type ClipTable } from './clip-table.ts';
import type { Masks } from './loss.ts';
import { methodBatch } from './method-batch.ts';
import { methodObjective } from './method-objective.ts';
import { uses, type Method } from './methods.ts';
import { methodNet } from './nets/method-net.ts';
import { meansOf, observe, type Means } from './observe.ts';
import { prior, type Predicted } from './predicted.ts';

export interface Budget {
  readonly steps: number;
  readonly batch: number;
  readonly threads: number;
}

export interface TrainMethodOptions {
  readonly method: Method;
  readonly recipe: Pick<Recipe, 'heads' | 'clips'>;
  readonly train: ClipTable;
  /** What of the training data is there. */
  readonly masks: Masks;
  readonly emotions: number;
  readonly seed: number;
  readonly budget: Budget;
  /** Trained before with the very same options: nothing is trained. */
  readonly params?: ParamStore | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A trained method. */
export interface Predictor {
  /** What was trained; undefined where nothing was. */
  readonly params: ParamStore | undefined;
  predict(table: ClipTable, masks: Masks): Promise<Predicted>;
  close(): Promise<void>;
}

const CHUNK = 256;

/**
 * Trains a method on what the masks leave of the training clips.
 *
 * A method whose modality is gone in training, or of a clip, predicts the class shares and the mean score of training.
 */
export async function trainMethod(options: TrainMethodOptions): Promise<Predictor> {
  const { method, recipe, train, masks, emotions, budget } = options;
  const { slots, dimension } = train;
  const heads: HeadsConfig = { ...recipe.heads, dimension, slots, emotions, fill: 'virtual' };
  const means = meansOf(train, masks);
  const all = Array.from({ length: train.n }, (_, i) => i);
  const rows = all.filter((i) => sees(method, masks, i, slots));
  const fallback = prior(train, emotions);
  if (rows.length === 0)
    return {
      params: undefined,
      predict: (table) => Promise.resolve(fallback.repeat(table.n)),
      close: () => Promise.resolve(),
    };

  const params = options.params ?? (await trainParams(options, { heads, means, rows }));
  const session = await openSession(emitOnnx(inferenceGraph(method, heads), { params }), {
    threads: budget.threads,
  });
  const predict = async (table: ClipTable, left: Masks): Promise<Predicted> => {
    const out = fallback.repeat(table.n);
    const seen = Array.from({ length: table.n }, (_, i) => i).filter((i) => sees(method, left, i, slots));
    for (let start = 0; start < seen.length; start += CHUNK) {
      const chunk = seen.slice(start, start + CHUNK);
      const { video, videoMask, text, textMask } = observe(table, chunk, left, method.fill, means);
      const count = chunk.length;
      const result = await session.run({
        video: floats(video, [count, slots, dimension]),
        video_mask: floats(videoMask, [count, slots]),
        text: floats(text, [count, 1, dimension]),
        text_mask: floats(textMask, [count, 1]),
      });
      for (const [name, { data }] of Object.entries(result)) out.put(name, chunk, data as Float32Array);
    }
    return out;
  };
  return { params, predict, close: () => session.close() };
}

async function trainParams(
  { method, recipe, train, masks, emotions, seed, budget, signal }: TrainMethodOptions,
  { heads, means, rows }: { readonly heads: HeadsConfig; readonly means: Means; readonly rows: readonly number[] },
): Promise<ParamStore> {
  const step = await compileStep((g) => methodObjective(g, method, heads, recipe.clips, budget.batch), {
    seed,
    threads: budget.threads,
  });
  const { absence, loop } = recipe.clips;
  const source = { table: train, masks, rows, means, method, absence, emotions, seed, batch: budget.batch };
  try {
    return await trainLoop({
      step,
      config: loopConfig(loop, method, budget.steps),
      seed,
      batch: (at) => methodBatch(source, at),
      signal,
    });
  } finally {
    await step.close();
  }
}

/** Whether anything of a clip is left that the method looks at. */
function sees(method: Method, masks: Masks, row: number, slots: number): boolean {
  if (uses(method, 'text') && masks.text[row] === 1) return true;
  return uses(method, 'video') && hasAny(masks.video, row, slots);
}

function loopConfig(loop: LoopConfig, method: Method, steps: number): LoopConfig {
  const short = withSteps(loop, steps);
  return {
    ...short,
    optimizer: { ...loop.optimizer, ...method.optimizer },
    schedule: { ...short.schedule, peak: method.peak ?? loop.schedule.peak },
    checkpointEvery: steps,
  };
}

function inferenceGraph(method: Method, heads: HeadsConfig): Graph {
  const g = new Graph();
  const out = apply(g, methodNet(method, heads), 'net', headsInput(g, heads));
  g.output('score', out.score);
  g.output('sentiment', out.sentimentLogits);
  g.output('emotion', out.emotionLogits);
  if (method.fill === 'net' && out.virtualVideo !== undefined && out.virtualText !== undefined) {
    g.output('virtual_video', out.virtualVideo);
    g.output('virtual_text', out.virtualText);
  }
  return g;
}
