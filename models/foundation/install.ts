import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { MANIFEST_FILE } from '../bundle/bundle.ts';
import { sha256File } from '../bundle/sha256.ts';
import { type FoundationManifest, parseFoundationManifest } from './foundation-manifest.ts';
import { probeFoundation } from './probe-foundation.ts';
import { type Foundation, readFoundation } from './read-foundation.ts';

/** A model's manifest before its files are final. */
export type DraftManifest = Omit<FoundationManifest, 'files'>;

/**
 * Makes a folder of files an installed model: runs it once, writes its manifest with the sha256 of every file, and moves it
 * to its place in one step. What is there already is replaced; nothing changes when this fails.
 *
 * @throws UndertoneError those of `probeFoundation`; the signal's reason when aborted before the move
 */
export async function installFoundation(
  staged: string,
  draft: DraftManifest,
  target: string,
  signal?: AbortSignal,
): Promise<Foundation> {
  const files: Record<string, string> = {};
  await rm(join(staged, MANIFEST_FILE), { force: true });
  for (const file of await filesOf(staged)) {
    signal?.throwIfAborted();
    files[file] = await sha256File(join(staged, file));
  }
  const text = `${JSON.stringify({ ...draft, files }, null, 2)}\n`;
  await probeFoundation(staged, parseFoundationManifest(text, staged));
  signal?.throwIfAborted();
  await writeFile(join(staged, MANIFEST_FILE), text);
  await mkdir(dirname(target), { recursive: true });
  const old = `${target}.old-${randomBytes(6).toString('hex')}`;
  const replaced = (await stat(target).catch(() => undefined)) !== undefined;
  if (replaced) await rename(target, hidden(old));
  try {
    await rename(staged, target);
  } catch (error) {
    if (replaced) await rename(hidden(old), target);
    throw error;
  }
  await rm(hidden(old), { recursive: true, force: true });
  return await readFoundation(target);
}

async function filesOf(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((file) => !file.split('/').some((part) => part.startsWith('.')))
    .sort();
}

/** A name that no listing shows, in the same folder. */
function hidden(path: string): string {
  return join(dirname(path), `.${relative(dirname(path), path)}`);
}
