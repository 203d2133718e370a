import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

const CLIP = /\.(mp4|mkv|mov|avi|webm|m4v|flv)$/i;

/** Paths of the clips below a folder, by `keyOf` of their path from there with `/` between folders, ending left out. */
export async function clipFiles(
  folder: string,
  keyOf: (path: string) => string | undefined,
): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const found = new Map<string, string>();
  for (const entry of entries) {
    if (!CLIP.test(entry.name) || entry.name.startsWith('.')) continue;
    const path = join(entry.parentPath, entry.name);
    const key = keyOf(relative(folder, path).split(sep).join('/').replace(CLIP, ''));
    if (key !== undefined && !found.has(key)) found.set(key, path);
  }
  return found;
}
