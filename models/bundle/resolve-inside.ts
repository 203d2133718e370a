import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { UndertoneError } from '../errors.ts';

/** What to do about files that are not those of the manifest. */
export const GET_AGAIN = 'get the bundle, or pull the foundation model, again';

/**
 * The real path of `file` below `dir`, links followed.
 * @throws UndertoneError `bundle_path` when it leads out of the folder, `bundle_checksum` when there is no such file.
 */
export async function resolveInside(dir: string, file: string): Promise<string> {
  const found = async (path: string): Promise<string> => {
    try {
      return await realpath(path);
    } catch (error) {
      throw new UndertoneError('bundle_checksum', `${file} is missing from ${dir}; ${GET_AGAIN}`, { cause: error });
    }
  };
  const root = await found(dir);
  const wanted = resolve(root, file);
  if (!isInside(root, wanted)) throw outside(dir, file);
  const real = await found(wanted);
  if (!isInside(root, real)) throw outside(dir, file);
  return real;
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function outside(dir: string, file: string): UndertoneError {
  return new UndertoneError('bundle_path', `${file} leads out of ${dir}; use a bundle or a model from its source`);
}
