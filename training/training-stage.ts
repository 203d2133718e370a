import { join } from 'node:path';
import type { ParamStore } from '../models/graph/param.ts';
import type { OnBad } from './datasets/sink.ts';
import type { LoopProgress } from './engine/train-loop.ts';
import type { Prepared } from './stages/prepare.ts';
import type { StageOptions } from './stages/stage-options.ts';
import type { TrainOptions } from './train.ts';

export interface Trained {
  readonly params: ParamStore;
  /** Names everything that the parameters depend on. */
  readonly print: string;
}

/** The options with every stage a place where a run ends that was interrupted. */
export function interruptible<O extends Pick<TrainOptions, 'onStage' | 'signal'>>(options: O): O {
  const onStage = (what: string): void => {
    options.signal?.throwIfAborted();
    options.onStage?.(what);
  };
  return { ...options, onStage };
}

/**
 * Tells `onStage` what is left out, each row and image once, however often it is met. Undefined without `skipBad`, where the
 * first that is bad ends the run.
 */
export function leftOut({ skipBad, onStage }: Pick<TrainOptions, 'skipBad' | 'onStage'>): OnBad | undefined {
  if (skipBad !== true) return undefined;
  const told = new Set<string>();
  return ({ message }) => {
    if (!told.has(message)) onStage?.(`left out: ${message}`);
    told.add(message);
  };
}

/** Where a stage keeps its checkpoint. @param file its name */
export function stageCheckpoint(
  { out }: Pick<TrainOptions, 'out'>,
  file: string,
  print: string,
): NonNullable<StageOptions['checkpoint']> {
  return { path: join(out, `${file}.safetensors`), fingerprint: print };
}

/** Says which stage begins. @param file name of its checkpoint */
export function trainingStage(
  { out, threads, signal, onStage, onProgress }: TrainOptions,
  name: string,
  file: string,
  print: string,
) {
  onStage?.(`training the ${name}`);
  return {
    threads,
    signal,
    checkpoint: stageCheckpoint({ out }, file, print),
    onProgress: (progress: LoopProgress) => onProgress?.(name, progress),
  } satisfies StageOptions;
}

/** The rows of the data that are of these sets. */
export function dataOf({ data }: Prepared, sets: readonly string[]): Prepared['data'] {
  return data.filter(({ name }) => sets.includes(name));
}
