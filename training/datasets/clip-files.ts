import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** Endings of the containers that are decoded. Of several files with one key the clip is one whose ending is in an earlier list. */
const ENDINGS = [
  ['mp4', 'mkv', 'mov', 'avi', 'webm', 'm4v', 'flv'],
  [
    'mpg',
    'mpeg',
    'mpe',
    'vob',
    'ts',
    'mts',
    'm2t',
    'm2ts',
    'wmv',
    'asf',
    'ogv',
    'ogm',
    '3gp',
    '3g2',
    'qt',
    'f4v',
    'divx',
  ],
  // Beside a clip it is often its thumbnail.
  ['gif'],
] as const;
const CLIP = new RegExp(`\\.(${ENDINGS.flat().join('|')})$`, 'i');

/** A folder by the path that leads to it, its real path, and the real paths of the folders that it was reached through. */
interface Folder {
  readonly path: string;
  readonly real: string;
  readonly above: ReadonlySet<string>;
}

/**
 * Paths of the clips below a folder, by `keyOf` of their path from there with `/` between folders, ending left out, in Unicode's
 * composed form (NFC): a disk may have names in another one than a table. Links to files and folders are followed: large clips
 * often lie on another disk.
 */
export async function clipFiles(
  folder: string,
  keyOf: (path: string) => string | undefined,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, { readonly path: string; readonly rank: number }>();
  const real = await realpath(folder).catch(() => folder);
  const waiting: Folder[] = [{ path: folder, real, above: new Set() }];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    for (const entry of await entriesOf(next.path)) {
      const path = join(next.path, entry.name);
      const kind = await kindOf(entry, path);
      if (kind === 'folder') {
        const inside = await enter(next, entry, path);
        if (inside !== undefined) waiting.push(inside);
      } else if (kind === 'file' && CLIP.test(entry.name) && !entry.name.startsWith('.')) {
        const key = keyOf(relative(folder, path).split(sep).join('/').replace(CLIP, ''))?.normalize('NFC');
        const rank = rankOf(entry.name);
        if (key !== undefined && rank < (found.get(key)?.rank ?? Infinity)) found.set(key, { path, rank });
      }
    }
  }
  return new Map([...found].map(([key, clip]) => [key, clip.path]));
}

function rankOf(name: string): number {
  const ending = CLIP.exec(name)?.[1]?.toLowerCase();
  return ENDINGS.findIndex((endings) => endings.some((each) => each === ending));
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function kindOf(entry: Dirent, path: string): Promise<'file' | 'folder' | undefined> {
  // A link that leads nowhere is nothing.
  const what = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : entry;
  return what?.isDirectory() === true ? 'folder' : what?.isFile() === true ? 'file' : undefined;
}

/** Undefined where a link leads back to a folder that it was reached through; two links to one folder are both entered. */
async function enter({ real, above }: Folder, entry: Dirent, path: string): Promise<Folder | undefined> {
  const passed = new Set([...above, real]);
  const own = entry.isSymbolicLink() ? await realpath(path).catch(() => undefined) : join(real, entry.name);
  return own === undefined || passed.has(own) ? undefined : { path, real: own, above: passed };
}
