import { lstat, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UndertoneError } from '../../models/errors.ts';
import { type HeldFolder, holdFolder } from '../../models/hold-folder.ts';
import type { FileHandle } from 'node:fs/promises';

/** A file on its way. */
export interface StagedFile {
  /** Adds to its end. @throws UndertoneError `out_unwritable`, as where the disk is full */
  appendFile(text: string): Promise<void>;
}

/** Files that appear in a folder together, or not at all. */
export interface StagedFolder {
  /**
   * Opens a file of the set for writing; it is closed by `publish` or `discard`.
   *
   * @throws UndertoneError `out_unwritable`, also where a folder has that name
   */
  create(name: string): Promise<StagedFile>;
  /**
   * Puts the files in place, replacing those of the same names, in the order of their creation. The last one is
   * removed first and comes last: where it is there, the others belong to it.
   *
   * @throws UndertoneError `out_unwritable`
   */
  publish(): Promise<void>;
  /** Leaves the folder's earlier files as they were, and nothing else. Does nothing after `publish`. Idempotent. */
  discard(): Promise<void>;
}

/**
 * Files on their way are in a hidden folder of the same disk. Those that killed processes left behind are removed first.
 *
 * @throws UndertoneError `out_unwritable` where the folder cannot be made or written, `out_busy` where another process is about to
 * publish files there
 */
export async function stageFolder(folder: string): Promise<StagedFolder> {
  const held = await hold(folder);
  const staging = held.hidden;
  const files = new Map<string, FileHandle>();
  const closeAll = async (): Promise<void> => {
    for (const handle of files.values()) await handle.close();
    files.clear();
  };
  return {
    async create(name) {
      const target = join(folder, name);
      const there = await lstat(target).catch(() => undefined);
      if (there?.isDirectory() === true) {
        throw new UndertoneError('out_unwritable', `${target} is a folder; remove it, or give another --out`);
      }
      const handle = await open(join(staging, name), 'wx').catch((cause: unknown) => {
        throw unwritable(folder, cause);
      });
      files.set(name, handle);
      return {
        appendFile: (text) =>
          handle.appendFile(text).catch((cause: unknown) => {
            throw unwritable(folder, cause);
          }),
      };
    },
    async publish() {
      try {
        const names = [...files.keys()];
        for (const handle of files.values()) await handle.sync();
        await closeAll();
        const last = names.at(-1);
        if (last !== undefined) await rm(join(folder, last), { force: true });
        for (const name of names) await rename(join(staging, name), join(folder, name));
        await held.release();
      } catch (cause) {
        throw unwritable(folder, cause);
      }
    },
    async discard() {
      await closeAll();
      await held.release();
    },
  };
}

/** Errors of a disk that is full, and of a user's share of it. */
const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

async function hold(folder: string): Promise<HeldFolder> {
  const held = await holdFolder(folder).catch((cause: unknown) => {
    throw unwritable(folder, cause);
  });
  if (held !== undefined) return held;
  throw new UndertoneError('out_busy', `another replay is writing into ${folder}; wait for it, or give another --out`);
}

function unwritable(folder: string, cause: unknown): UndertoneError {
  const message = FULL.has((cause as NodeJS.ErrnoException).code ?? '')
    ? `no space is left to write into ${folder}; free some, or give another --out`
    : `cannot write into ${folder}; give a folder you may write`;
  return new UndertoneError('out_unwritable', message, { cause });
}
