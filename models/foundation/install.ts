import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MANIFEST_FILE } from '../bundle/bundle.ts';
import { listFiles } from '../bundle/list-files.ts';
import { replaceFolder } from '../bundle/replace-folder.ts';
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
  for (const file of await listFiles(staged)) {
    files[file] = await sha256File(join(staged, file), signal);
  }
  const text = `${JSON.stringify({ ...draft, files }, null, 2)}\n`;
  await probeFoundation(staged, parseFoundationManifest(text, staged));
  signal?.throwIfAborted();
  await writeFile(join(staged, MANIFEST_FILE), text);
  await mkdir(dirname(target), { recursive: true });
  await replaceFolder(staged, target);
  return await readFoundation(target);
}
