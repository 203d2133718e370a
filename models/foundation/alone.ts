import { rmSync } from 'node:fs';
import { open, rm, stat, utimes } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

export interface AloneOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called once when another process is at work, before it is waited for. */
  readonly onWait?: (() => void) | undefined;
}

/** How often a lock is renewed, and looked at by those who wait for it. */
const BEAT_MS = 1_000;
/** Age at which nobody renews it any more: its process was killed, perhaps on another machine with the same disk. */
const DEAD_MS = 60_000;

/**
 * Runs `work` while no other call does under the same lock file, in this process or another; waits for its turn. The lock's
 * folder must be there. A process that ends takes its lock along; that of a killed one counts for a minute.
 *
 * @throws the signal's reason when aborted while it waits; system errors of the disk; those of `work`
 */
export async function alone<T>(lock: string, { signal, onWait }: AloneOptions, work: () => Promise<T>): Promise<T> {
  for (let waits = 0; !(await taken(lock)); waits++) {
    if (waits === 0) onWait?.();
    await delay(BEAT_MS, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    signal?.throwIfAborted();
  }
  const beat = setInterval(() => void utimes(lock, new Date(), new Date()).catch(() => undefined), BEAT_MS);
  const free = (): void => rmSync(lock, { force: true });
  process.once('exit', free);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    process.off('exit', free);
    free();
  }
}

async function taken(lock: string): Promise<boolean> {
  try {
    await (await open(lock, 'wx')).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const held = await stat(lock).catch(() => undefined);
  if (held !== undefined && Date.now() - held.mtimeMs > DEAD_MS) await rm(lock, { force: true });
  return false;
}
