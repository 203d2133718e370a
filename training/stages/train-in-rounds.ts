import type { Graph } from '../../models/graph/graph.ts';
import type { ParamStore } from '../../models/graph/param.ts';
import { finishedParams } from '../engine/checkpoint.ts';
import { compileStep, type Objective } from '../engine/compile-step.ts';
import { trainLoop, type LoopOptions } from '../engine/train-loop.ts';
import { roundCheckpoint } from './round-checkpoint.ts';
import type { StageOptions } from './stage-options.ts';

/** What a round trains. */
export interface Round extends Pick<LoopOptions, 'config' | 'batch'> {
  readonly objective: (g: Graph) => Objective;
}

export interface RoundsOptions extends StageOptions {
  readonly seed: number;
  readonly count: number;
  /** Asked for where the round is not finished, with the averaged parameters of the one before. */
  readonly roundAt: (index: number, params: ParamStore | undefined) => Round | Promise<Round>;
}

/**
 * Trains a stage in rounds: each starts from the averaged parameters of the one before with an optimiser anew, and has a
 * checkpoint of its own.
 *
 * @returns the averaged parameters of the last
 */
export async function trainInRounds(options: RoundsOptions): Promise<ParamStore> {
  const { seed, count, roundAt, threads, onProgress, signal } = options;
  const finished = await finishedParams(options.checkpoint);
  if (finished !== undefined) return finished;
  let params: ParamStore | undefined;
  for (let index = 0; index < count; index++) {
    const checkpoint = roundCheckpoint(options.checkpoint, index, count);
    const kept = await finishedParams(checkpoint);
    if (kept !== undefined) {
      params = kept;
      continue;
    }
    const { objective, config, batch } = await roundAt(index, params);
    const step = await compileStep(objective, { seed, threads, ...(params && { params }) });
    try {
      params = await trainLoop({ step, config, seed, batch, checkpoint, onProgress, signal });
    } finally {
      await step.close();
    }
  }
  return params ?? new Map();
}
