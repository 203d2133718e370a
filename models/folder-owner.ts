import { readdir, readFile, readlink, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { sha256 } from './bundle/sha256.ts';

/** How often the owner of a folder shows that it lives. */
const BEAT_MS = 60_000;
/** Age of the last beat at which a folder of another machine or container has no owner any more. */
const DEAD_MS = 3_600_000;
/** Age of the last beat up to which a folder is being written. */
const BUSY_MS = 2.5 * BEAT_MS;
const NAME = /^\.undertone-([0-9a-f]{8})-(\d+)-\w{6}$/;

/** First part of the names of this process's folders: where process ids are the same as here, and its own. */
export async function ownPrefix(): Promise<string> {
  return `.undertone-${await processSpace()}-${process.pid}-`;
}

/** Shows that the folder has an owner, until the function that comes back is called. */
export function keepOwned(folder: string): () => void {
  const beat = setInterval(() => void utimes(folder, new Date(), new Date()).catch(() => undefined), BEAT_MS).unref();
  return () => clearInterval(beat);
}

/**
 * Removes the folders of processes that were killed: where process ids are the same as here, when there is no such process;
 * elsewhere, as in containers with a common disk, when an hour has passed without a beat. What cannot be removed stays.
 */
export async function removeOrphans(parent: string): Promise<void> {
  const here = await processSpace();
  for (const name of await readdir(parent).catch(() => [])) {
    const [, space, pid] = NAME.exec(name) ?? [];
    const folder = join(parent, name);
    if (space === undefined) continue;
    const orphan = space === here ? !runs(Number(pid)) : await isSilent(folder, DEAD_MS);
    if (orphan) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

/**
 * Which this folder is of those beside it that are being written by a process that runs: `second` where one was there before,
 * `tied` where one was made at once with it, as coarse as the disk tells the time. Each of two that are tied is told so.
 */
export async function placeOf(folder: string): Promise<'first' | 'tied' | 'second'> {
  const here = await processSpace();
  const parent = dirname(folder);
  const own = await stat(folder);
  let tied = false;
  for (const name of await readdir(parent)) {
    const [, space, pid] = NAME.exec(name) ?? [];
    const other = join(parent, name);
    if (space === undefined || name === basename(folder)) continue;
    const found = await stat(other).catch(() => undefined);
    if (found === undefined || found.birthtimeMs > own.birthtimeMs) continue;
    if ((space === here && !runs(Number(pid))) || (await isSilent(other, BUSY_MS))) continue;
    if (found.birthtimeMs < own.birthtimeMs) return 'second';
    tied = true;
  }
  return tied ? 'tied' : 'first';
}

/** The same for processes that see each other's ids. Outside Linux that is the machine. */
async function processSpace(): Promise<string> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  const namespace = await readlink('/proc/self/ns/pid').catch(() => '');
  return sha256([hostname(), boot, namespace].join('\n')).slice(0, 8);
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function isSilent(folder: string, forMs: number): Promise<boolean> {
  const found = await stat(folder).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > forMs;
}
