import { rename, rm, stat } from 'node:fs/promises';
import { hiddenBeside } from './hidden-beside.ts';

/**
 * Moves a folder to its place on the same file system. What is there already is replaced, and stays when the move fails;
 * until it is deleted it has a hidden name beside the new one, with `.old-` in it.
 */
export async function replaceFolder(from: string, dir: string): Promise<void> {
  const exists = (await stat(dir).catch(() => undefined)) !== undefined;
  if (!exists) {
    await rename(from, dir);
    return;
  }
  const old = hiddenBeside(dir, 'old');
  await rename(dir, old);
  try {
    await rename(from, dir);
  } catch (error) {
    await rename(old, dir);
    throw error;
  }
  await rm(old, { recursive: true, force: true });
}
