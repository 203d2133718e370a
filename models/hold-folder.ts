import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isSecond, keepOwned, ownPrefix, removeOrphans } from './folder-owner.ts';
import { makeFolder } from './make-folder.ts';

/** A folder that this process alone writes into. */
export interface HeldFolder {
  /** Hidden folder in it, empty at first, that shows it to others; removed by `release`, and when the process ends. */
  readonly hidden: string;
  /** Lets others write there again. Never fails: what cannot be removed is left to the next one. Idempotent. */
  release(): Promise<void>;
}

/**
 * Makes a folder, where it is not there, and holds it. What killed processes left there to hold it is removed first.
 *
 * @returns undefined where another one holds it, in this process or in another
 * @throws the system's error where the folder cannot be made or written
 */
export async function holdFolder(folder: string): Promise<HeldFolder | undefined> {
  await makeFolder(folder);
  await removeOrphans(folder);
  const hidden = await mkdtemp(join(folder, await ownPrefix()));
  if (await isSecond(hidden)) {
    await rm(hidden, { recursive: true, force: true });
    return undefined;
  }
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
