import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FoundationRef } from '../bundle/manifest.ts';
import { UndertoneError } from '../errors.ts';
import type { FoundationConfig } from './config.ts';
import { lockKey, writeLockEntry } from './lock-file.ts';

/**
 * Removes an installed foundation model, every revision of it, what was downloaded of it so far, and its pin. Folders are
 * told by their names, so one whose manifest is broken goes, too. A service that runs with it goes on until one of its
 * inference processes must start again.
 *
 * @param variant one form; without it all of them
 * @returns the folders that were removed
 * @throws UndertoneError `foundation_not_installed` when there is nothing of that name
 */
export async function removeFoundation(
  name: string,
  variant: string | undefined,
  { dir, lockFile }: Pick<FoundationConfig, 'dir' | 'lockFile'>,
): Promise<readonly string[]> {
  const form = variant ?? '';
  // What is no model's name could lead out of the folder of the models.
  const own = FoundationRef.shape.name.safeParse(name).success ? join(dir, name) : undefined;
  const installed = own === undefined ? [] : await startingWith(own, form);
  const staging = join(dir, '.staging');
  const folders = [
    ...installed.map((folder) => join(own ?? '', folder)),
    ...(await startingWith(staging, `${name}-${form}`)).map((folder) => join(staging, folder)),
  ];
  if (folders.length === 0)
    throw new UndertoneError(
      'foundation_not_installed',
      `there is nothing of ${name} in ${dir}; \`undertone models list\` shows what is installed`,
    );
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
  for (const removed of new Set(installed.map((folder) => folder.split('-', 1)[0] ?? '')))
    await writeLockEntry(lockFile, lockKey(name, removed), undefined);
  if (own !== undefined) await rmdir(own).catch(() => undefined);
  return folders;
}

/** Names in a folder; none where there is no such folder, hidden ones left out. */
async function startingWith(dir: string, prefix: string): Promise<string[]> {
  const names = await readdir(dir).catch(() => []);
  return names.filter((name) => !name.startsWith('.') && name.startsWith(prefix));
}
