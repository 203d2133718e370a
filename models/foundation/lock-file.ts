import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { hiddenBeside } from '../bundle/hidden-beside.ts';
import { BundleFile, Sha256 } from '../bundle/manifest.ts';
import { UndertoneError } from '../errors.ts';
import { isNotThere } from '../not-there.ts';
import { unwritable } from '../unwritable.ts';
import { alone, type AloneOptions } from './alone.ts';

const LockEntry = z.strictObject({
  repository: z.string(),
  /** Commit that was pulled. */
  revision: z.string(),
  files: z.record(BundleFile, z.strictObject({ size: z.int().min(0), sha256: Sha256 })),
});
export type LockEntry = z.infer<typeof LockEntry>;

const Lock = z.strictObject({ format: z.literal(1), models: z.record(z.string(), LockEntry) });
export type Lock = z.infer<typeof Lock>;

/** Name of a model's form in the lock file. */
export function lockKey(name: string, variant: string): string {
  return `${name}:${variant}`;
}

/** What is pinned; nothing where there is no file yet. @throws UndertoneError `lock_invalid` */
export async function readLock(file: string): Promise<Lock> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (isNotThere(error)) return { format: 1, models: {} };
    throw invalid(file, error);
  }
  try {
    return Lock.parse(JSON.parse(text));
  } catch (error) {
    throw invalid(file, error);
  }
}

/** How often a process looks whether another one, which writes the lock file, is done: that takes a moment. */
const LOOK_MS = 20;

/**
 * Pins an entry, or takes it out where it is undefined. The file is replaced in one step, and by one process at a time, so
 * that no entry of another one is lost.
 *
 * @throws UndertoneError `lock_invalid`, `models_unwritable`; the signal's reason when aborted while it waits
 */
export async function writeLockEntry(
  file: string,
  key: string,
  entry: LockEntry | undefined,
  turns: Pick<AloneOptions, 'signal' | 'onWait'> = {},
): Promise<void> {
  const turn = join(dirname(file), `.${basename(file)}.turn`);
  try {
    await alone(turn, { ...turns, lookMs: LOOK_MS }, async () => {
      const { models } = await readLock(file);
      const rest = Object.entries(models).filter(([name]) => name !== key);
      const all = entry === undefined ? rest : [...rest, [key, entry] as const];
      const sorted = Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
      const temporary = hiddenBeside(file, 'new');
      try {
        await writeFile(temporary, `${JSON.stringify({ format: 1, models: sorted }, null, 2)}\n`);
        await rename(temporary, file);
      } finally {
        await rm(temporary, { force: true });
      }
    });
  } catch (error) {
    throw unwritable(error, file, 'name another lock file with UNDERTONE_MODELS_LOCK');
  }
}

function invalid(file: string, cause: unknown): UndertoneError {
  return new UndertoneError(
    'lock_invalid',
    `${file} cannot be read as a lock file; restore it, or remove it to pin anew`,
    {
      cause,
    },
  );
}
