import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** True when every path exists under the folder. */
export async function holds(folder: string, ...paths: string[]): Promise<boolean> {
  const found = await Promise.all(
    paths.map((path) =>
      access(join(folder, path)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.every(Boolean);
}

/** Names of the folders in a folder, sorted; none when it cannot be read. */
export async function subfolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map((entry) => entry.name)
    .sort();
}

/** Names of the files in a folder that match, sorted with numbers in numeric order; none when it cannot be read. */
export async function filesIn(folder: string, pattern: RegExp): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => pattern.test(name)).sort(BY_NUMBER.compare);
}

const BY_NUMBER = new Intl.Collator('en', { numeric: true });
