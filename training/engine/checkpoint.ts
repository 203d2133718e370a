import { existsSync } from 'node:fs';
import { UndertoneError } from '../../models/errors.ts';
import type { ParamStore } from '../../models/graph/param.ts';
import type { AdamWState } from './adamw.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';

/** Everything that the next step depends on besides the data and the seed. */
export interface TrainingState {
  /** Steps done. */
  step: number;
  readonly params: ParamStore;
  readonly average: ParamStore;
  readonly optimizer: AdamWState;
}

const PARTS = ['params', 'average', 'first', 'second'] as const;

/** Saves atomically; `fingerprint` names the configuration that made it. */
export async function saveCheckpoint(path: string, state: TrainingState, fingerprint: string): Promise<void> {
  const parts = { ...state, first: state.optimizer.first, second: state.optimizer.second };
  const tensors: ParamStore = new Map(
    PARTS.flatMap((part) => [...parts[part]].map(([name, data]) => [`${part}/${name}`, data] as const)),
  );
  const metadata = { step: String(state.step), optimizer_step: String(state.optimizer.step), fingerprint };
  await writeSafetensors(path, { tensors, metadata });
}

/**
 * Restores a checkpoint into `state` in place; false when there is none.
 *
 * @throws UndertoneError `checkpoint_mismatch` when another configuration made it
 */
export async function loadCheckpoint(path: string, state: TrainingState, fingerprint: string): Promise<boolean> {
  if (!existsSync(path)) return false;
  const { tensors, metadata } = await readSafetensors(path);
  if (metadata['fingerprint'] !== fingerprint)
    throw new UndertoneError(
      'checkpoint_mismatch',
      `${path} was made by another configuration; use another --out folder`,
    );
  const parts = { ...state, first: state.optimizer.first, second: state.optimizer.second };
  for (const part of PARTS) {
    for (const [name, data] of parts[part]) {
      const saved = tensors.get(`${part}/${name}`);
      if (saved?.length !== data.length)
        throw new UndertoneError('checkpoint_mismatch', `${path} has no ${part} of ${name} in that size`);
      data.set(saved);
    }
  }
  state.step = Number(metadata['step']);
  state.optimizer.step = Number(metadata['optimizer_step']);
  return true;
}
