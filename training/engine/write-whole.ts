import { randomBytes } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UndertoneError } from '../../models/errors.ts';

/**
 * Writes a file that appears whole or not at all: it is written to `temporary`, flushed to the disk and renamed. What a killed
 * writer leaves at `path`.part is overwritten by the next one, so a file has one writer at a time, unless each has a place of its
 * own.
 *
 * @throws UndertoneError `checkpoint_unwritable` when the disk or the folder refuses; the file before is left whole, and
 * nothing else
 */
export async function writeWhole(
  path: string,
  write: (file: FileHandle) => Promise<void>,
  temporary = `${path}.part`,
): Promise<void> {
  try {
    await withFile(temporary, 'w', async (file) => {
      await write(file);
      await file.sync();
    });
    await rename(temporary, path);
  } catch (error) {
    // What was written of it takes room on a disk that is full.
    await rm(temporary, { force: true }).catch(() => undefined);
    const { code = String(error) } = error as NodeJS.ErrnoException;
    throw new UndertoneError(
      'checkpoint_unwritable',
      `cannot write ${path} (${code}); free space or use another --out folder`,
      { cause: error },
    );
  }
  // The folder's entries too, such as the rename; some file systems cannot, and the file is in its place all the same.
  await withFile(dirname(path), 'r', (folder) => folder.sync()).catch(() => undefined);
}

/** A temporary place of its own for a file that several processes may write at once. */
export function ownPart(path: string): string {
  return `${path}.${randomBytes(4).toString('hex')}.part`;
}

async function withFile(path: string, flags: string, use: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, flags);
  try {
    await use(file);
  } finally {
    await file.close();
  }
}
