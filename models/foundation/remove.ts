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
 * @throws UndertoneError `foundation_not_installed` when there is nothing of that name, `models_unwritable`
 */
export async function removeFoundation(
  name: string,
  variant: string | undefined,
  { dir, lockFile }: Pick<FoundationConfig, 'dir' | 'lockFile'>,
): Promise<readonly string[]> {
  const staging = join(dir, '.staging');
  // What is no model's name could lead out of the folder of the models.
  const own = FoundationRef.shape.name.safeParse(name).success ? join(dir, name) : undefined;
  const installed = own === undefined ? [] : await formsIn(own, '', variant);
  const folders = [...installed, ...(await formsIn(staging, `${name}-`, variant))].map(({ folder }) => folder);
  if (folders.length === 0)
    throw new UndertoneError(
      'foundation_not_installed',
      `there is nothing of ${name} in ${dir}; \`undertone models list\` shows what is installed`,
    );
  for (const folder of folders) {
    try {
      await rm(folder, { recursive: true, force: true });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const message = `cannot remove ${folder} (${why}); remove it as a user who may`;
      throw new UndertoneError('models_unwritable', message, { cause: error });
    }
  }
  for (const form of new Set(installed.map((found) => found.form)))
    await writeLockEntry(lockFile, lockKey(name, form), undefined);
  if (own !== undefined) await rmdir(own).catch(() => undefined);
  return folders;
}

/** A form of the weights, perhaps with its revision; and, hidden, one that was replaced and is not yet deleted. */
const FORM = /^\.?([a-z0-9]+)(?:-[a-z0-9]+)?(?:\.old-[0-9a-f]+)?$/;

/** The folders of a model's forms; none where there is no such folder. */
async function formsIn(
  dir: string,
  prefix: string,
  variant: string | undefined,
): Promise<{ readonly form: string; readonly folder: string }[]> {
  const names = await readdir(dir).catch(() => []);
  return names.flatMap((name) => {
    const form = name.startsWith(prefix) ? FORM.exec(name.slice(prefix.length))?.[1] : undefined;
    return form === undefined || (variant !== undefined && variant !== form) ? [] : [{ form, folder: join(dir, name) }];
  });
}
