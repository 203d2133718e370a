import { existsSync, readdirSync } from 'node:fs';
import { join, normalize, sep } from 'node:path';

/** What is ASCII alone has one form in Unicode. */
const ASCII = /^[\0-\x7f]*$/;

/**
 * Finds files below a folder by their relative path, also where the disk has the name in another of Unicode's forms (NFC, NFD):
 * `é` as one character or as `e` and an accent. Folders are read once.
 *
 * @returns the path as it is on the disk; undefined where there is none
 */
export function fileFinder(folder: string): (path: string) => string | undefined {
  const listed = new Map<string, ReadonlyMap<string, string>>();
  const namesIn = (at: string): ReadonlyMap<string, string> => {
    const names = listed.get(at) ?? new Map(namesOf(at).map((name) => [name.normalize('NFC'), name]));
    listed.set(at, names);
    return names;
  };
  return (path) => {
    const exact = join(folder, path);
    if (existsSync(exact)) return exact;
    if (ASCII.test(path)) return undefined;
    let at = folder;
    for (const part of normalize(path).split(sep)) {
      const name = existsSync(join(at, part)) ? part : namesIn(at).get(part.normalize('NFC'));
      if (name === undefined) return undefined;
      at = join(at, name);
    }
    return at;
  };
}

function namesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
