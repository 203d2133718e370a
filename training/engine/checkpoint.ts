import { existsSync } from 'node:fs';
import { UndertoneError } from '../../models/errors.ts';
import type { ParamStore } from '../../models/graph/param.ts';
import type { AdamWState } from './adamw.ts';
import { readIfWhole, readSafetensors, writeSafetensors, type TensorFile } from './safetensors.ts';

/** Everything that the next step depends on besides the data and the seed. */
export interface TrainingState {
  /** Steps done. */
  step: number;
  readonly params: ParamStore;
  readonly average: ParamStore;
  readonly optimizer: AdamWState;
  /** Nothing is left to do: the average is what the stage gives. */
  finished: boolean;
}

const PARTS = ['params', 'average', 'first', 'second'] as const;

/**
 * Saves atomically; `fingerprint` names the configuration that made it.
 *
 * @throws UndertoneError `checkpoint_unwritable`; the checkpoint before is left whole
 */
export async function saveCheckpoint(path: string, state: TrainingState, fingerprint: string): Promise<void> {
  const parts = partsOf(state);
  const tensors: ParamStore = new Map(
    PARTS.flatMap((part) => [...parts[part]].map(([name, data]) => [`${part}/${name}`, data] as const)),
  );
  const metadata = {
    step: String(state.step),
    optimizer_step: String(state.optimizer.step),
    fingerprint,
    finished: String(state.finished),
  };
  await writeSafetensors(path, { tensors, metadata });
}

/**
 * Restores a checkpoint into `state` in place, all of it or nothing; false when there is none.
 *
 * @throws UndertoneError `checkpoint_unreadable`, `checkpoint_mismatch` when another configuration made it
 */
export async function loadCheckpoint(path: string, state: TrainingState, fingerprint: string): Promise<boolean> {
  if (!existsSync(path)) return false;
  const { tensors, metadata } = await readOwn(path, fingerprint);
  const [step, optimizerStep] = [metadata['step'], metadata['optimizer_step']].map(Number);
  if (!isCount(step) || !isCount(optimizerStep)) throw mismatch(`${path} does not say how many steps made it`);
  const parts = partsOf(state);
  const pairs = PARTS.flatMap((part) =>
    [...parts[part]].map(([name, data]) => {
      const saved = tensors.get(`${part}/${name}`);
      if (saved?.length !== data.length) throw mismatch(`${path} has no ${part} of ${name} in that size`);
      return [data, saved] as const;
    }),
  );
  for (const [data, saved] of pairs) data.set(saved);
  state.step = step;
  state.optimizer.step = optimizerStep;
  state.finished = metadata['finished'] === 'true';
  return true;
}

/**
 * What a finished stage gave, read without its data; undefined where it has no checkpoint, or is not finished.
 *
 * @throws UndertoneError as {@link loadCheckpoint}
 */
export async function finishedParams(
  checkpoint: { readonly path: string; readonly fingerprint: string } | undefined,
): Promise<ParamStore | undefined> {
  if (checkpoint === undefined || !existsSync(checkpoint.path)) return undefined;
  const { tensors, metadata } = await readOwn(checkpoint.path, checkpoint.fingerprint);
  if (metadata['finished'] !== 'true') return undefined;
  const prefix = 'average/' satisfies `${(typeof PARTS)[number]}/`;
  return new Map(
    [...tensors].flatMap(([name, data]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), data]] : [])),
  );
}

/** Whether a stage of whatever configuration has finished at `path`. */
export async function isFinished(path: string): Promise<boolean> {
  return (await readIfWhole(path))?.metadata['finished'] === 'true';
}

async function readOwn(path: string, fingerprint: string): Promise<TensorFile> {
  const file = await readSafetensors(path);
  if (file.metadata['fingerprint'] !== fingerprint)
    throw mismatch(
      `${path} is of another configuration, seed or data; use another --out folder, or remove it to train anew`,
    );
  return file;
}

function partsOf(state: TrainingState): Record<(typeof PARTS)[number], ParamStore> {
  const { params, average, optimizer } = state;
  return { params, average, first: optimizer.first, second: optimizer.second };
}

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0;
}

function mismatch(message: string): UndertoneError {
  return new UndertoneError('checkpoint_mismatch', message);
}
