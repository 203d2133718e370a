import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Removes every file below a folder, hidden ones too, but those that are named. @param files paths inside it */
export async function keepOnly(dir: string, files: readonly string[]): Promise<void> {
  const kept = new Set(files.map((file) => join(dir, file)));
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isDirectory() && !kept.has(path)) await rm(path, { force: true });
  }
}
