import { readdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UndertoneError } from '../errors.ts';
import type { FoundationConfig } from './config.ts';
import { listFoundations } from './installed.ts';
import { lockKey, writeLockEntry } from './lock-file.ts';

/**
 * Removes an installed foundation model, every revision of it, what was downloaded of it so far, and its pin. A service
 * that runs with it goes on until one of its inference processes must start again.
 *
 * @param variant one form; without it all of them
 * @returns the folders that were removed
 * @throws UndertoneError `foundation_not_installed` when there is nothing of that name
 */
export async function removeFoundation(
  name: string,
  variant: string | undefined,
  config: Pick<FoundationConfig, 'dir' | 'lockFile'>,
): Promise<readonly string[]> {
  const installed = listFoundations(config.dir).filter(
    ({ manifest }) => manifest.name === name && (variant === undefined || manifest.variant === variant),
  );
  const partial = await stagedOf(join(config.dir, '.staging'), name, variant);
  const folders = [...installed.map(({ dir }) => dir), ...partial];
  if (folders.length === 0)
    throw new UndertoneError(
      'foundation_not_installed',
      `there is nothing of ${name} in ${config.dir}; \`undertone models list\` shows what is installed`,
    );
  for (const dir of folders) await rm(dir, { recursive: true, force: true });
  for (const form of new Set(installed.map(({ manifest }) => manifest.variant)))
    await writeLockEntry(config.lockFile, lockKey(name, form), undefined);
  for (const dir of new Set(installed.map((found) => dirname(found.dir)))) await rmdir(dir).catch(() => undefined);
  return folders;
}

async function stagedOf(dir: string, name: string, variant: string | undefined): Promise<string[]> {
  const names = await readdir(dir).catch(() => []);
  const prefix = variant === undefined ? `${name}-` : `${name}-${variant}`;
  return names.filter((folder) => folder.startsWith(prefix)).map((folder) => join(dir, folder));
}
