import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { keepOwned, ownPrefix, placeOf, removeOrphans } from './folder-owner.ts';
import { makeFolder } from './make-folder.ts';

/** A folder that this process alone writes into. */
export interface HeldFolder {
  /** Hidden folder in it, empty at first, that shows it to others; removed by `release`, and when the process ends. */
  readonly hidden: string;
  /** Lets others write there again. Never fails: what cannot be removed is left to the next one. Idempotent. */
  release(): Promise<void>;
}

/** Tries of one that began at once with others: enough for some that do so, and over soon where the disk tells no time. */
const TRIES = 8;
/** Longest wait before the second try; it doubles with each. */
const TIED_MS = 20;

/**
 * Makes a folder, where it is not there, and holds it; of several that begin at once, one does. What killed processes left
 * there to hold it is removed first.
 *
 * @returns undefined where another one holds it, in this process or in another
 * @throws the system's error where the folder cannot be made or written
 */
export async function holdFolder(folder: string): Promise<HeldFolder | undefined> {
  await makeFolder(folder);
  await removeOrphans(folder);
  for (let tries = 1; tries <= TRIES; tries++) {
    const hidden = await mkdtemp(join(folder, await ownPrefix()));
    const place = await placeOf(hidden);
    if (place === 'first') return held(hidden);
    await rm(hidden, { recursive: true, force: true });
    if (place === 'second') break;
    await pause(Math.random() * TIED_MS * 2 ** (tries - 1));
  }
  return undefined;
}

function held(hidden: string): HeldFolder {
  const stop = keepOwned(hidden);
  const removeNow = (): void => rmSync(hidden, { recursive: true, force: true });
  process.once('exit', removeNow);
  return {
    hidden,
    release: async () => {
      await rm(hidden, { recursive: true, force: true }).catch(() => undefined);
      stop();
      process.off('exit', removeNow);
    },
  };
}
