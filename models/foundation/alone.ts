import { rmdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { type HeldFolder, holdFolder } from '../hold-folder.ts';

export interface AloneOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called once when another one is at work, before it is waited for. */
  readonly onWait?: (() => void) | undefined;
}

/** How often those who wait look whether it is their turn. */
const LOOK_MS = 1_000;

/**
 * Runs `work` while no other call does under the same folder, in this process or another; waits for its turn. The folder is
 * made, and removed by the last one.
 *
 * @throws the signal's reason when aborted while it waits; system errors of the disk; those of `work`
 */
export async function alone<T>(folder: string, { signal, onWait }: AloneOptions, work: () => Promise<T>): Promise<T> {
  let held = await take(folder);
  if (held === undefined) onWait?.();
  while (held === undefined) {
    await delay(LOOK_MS, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    signal?.throwIfAborted();
    held = await take(folder);
  }
  try {
    return await work();
  } finally {
    await held.release();
    await rmdir(folder).catch(() => undefined);
  }
}

/** @returns undefined where another one holds it, or has just removed it */
async function take(folder: string): Promise<HeldFolder | undefined> {
  return await holdFolder(folder).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
}
