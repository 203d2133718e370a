import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FoundationRef } from '../bundle/manifest.ts';
import { UndertoneError } from '../errors.ts';
import { type AloneOptions, alone } from './alone.ts';
import type { FoundationConfig } from './config.ts';
import { turnFolder } from './installed.ts';
import { lockKey, writeLockEntry } from './lock-file.ts';

/**
 * Removes an installed foundation model, every revision of it, what was downloaded of it so far, and its pin. Folders are
 * told by their names, so one whose manifest is broken goes, too. A service that runs with it goes on until one of its
 * inference processes must start again. A pull that is under way is waited for.
 *
 * @param variant one form; without it all of them
 * @returns the folders that were removed
 * @throws UndertoneError `foundation_not_installed` when there is nothing of that name, `models_unwritable`, `lock_invalid`; the
 * signal's reason when aborted while it waits
 */
export async function removeFoundation(
  name: string,
  variant: string | undefined,
  { dir, lockFile }: Pick<FoundationConfig, 'dir' | 'lockFile'>,
  waiting: Pick<AloneOptions, 'signal' | 'onWait'> = {},
): Promise<readonly string[]> {
  const staging = join(dir, '.staging');
  // What is no model's name could lead out of the folder of the models.
  const own = FoundationRef.shape.name.safeParse(name).success ? join(dir, name) : undefined;
  const find = async (form: string | undefined) => {
    const installed = own === undefined ? [] : await formsIn(own, '', form);
    return { installed, all: [...installed, ...(await formsIn(staging, `${name}-`, form))] };
  };
  const { all } = await find(variant);
  if (all.length === 0)
    throw new UndertoneError(
      'foundation_not_installed',
      `there is nothing of ${name} in ${dir}; \`undertone models list\` shows what is installed`,
    );
  const removed: string[] = [];
  for (const form of new Set(all.map((found) => found.form))) {
    let at = all.find((found) => found.form === form)?.folder ?? dir;
    try {
      await alone(turnFolder(dir, name, form), waiting, async () => {
        // A pull that was waited for has moved its folder.
        const now = await find(form);
        for (const { folder } of now.all) {
          at = folder;
          await rm(folder, { recursive: true, force: true });
          removed.push(folder);
        }
        if (now.installed.length > 0) await writeLockEntry(lockFile, lockKey(name, form), undefined, waiting);
      });
    } catch (error) {
      if (!(error instanceof Error) || !('syscall' in error)) throw error;
      const message = `cannot remove ${at} (${error.message}); remove it as a user who may`;
      throw new UndertoneError('models_unwritable', message, { cause: error });
    }
  }
  if (own !== undefined) await rmdir(own).catch(() => undefined);
  return removed;
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
