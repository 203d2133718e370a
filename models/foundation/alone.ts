import { rmdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { type HeldFolder, holdFolder } from '../hold-folder.ts';

export interface AloneOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called once when another one is at work, before it is waited for. */
  readonly onWait?: (() => void) | undefined;
  /** How often those who wait look whether it is their turn: a second, unless the work is short. */
  readonly lookMs?: number;
}

const LOOK_MS = 1_000;
/** Errors of a folder that another one has just removed. */
const REMOVED: ReadonlySet<string | undefined> = new Set(['ENOENT', 'EEXIST']);
/** Tries to make it anew. */
const TRIES = 20;

/**
 * Runs `work` while no other call does under the same folder, in this process or another; waits for its turn. The folder is
 * made, and removed by the last one.
 *
 * @throws the signal's reason when aborted while it waits; system errors of the disk; those of `work`
 */
export async function alone<T>(
  folder: string,
  { signal, onWait, lookMs = LOOK_MS }: AloneOptions,
  work: () => Promise<T>,
): Promise<T> {
  let held = await take(folder);
  if (held === undefined) onWait?.();
  while (held === undefined) {
    await delay(lookMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
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

/** @returns undefined where another one holds it */
async function take(folder: string): Promise<HeldFolder | undefined> {
  for (let tries = 1; ; tries++) {
    try {
      return await holdFolder(folder);
    } catch (error) {
      // Where it cannot be made at all, the same error comes again.
      if (!REMOVED.has((error as NodeJS.ErrnoException).code) || tries === TRIES) throw error;
    }
  }
}
