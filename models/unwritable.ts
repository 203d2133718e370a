import { UndertoneError } from './errors.ts';

/**
 * What to throw for an error that came while files were written: where the disk or a folder refused, an UndertoneError that
 * says so; any other error as it is.
 *
 * @param what file or folder that was to be written
 * @param remedy what else the user can do than free space
 */
export function unwritable(
  error: unknown,
  what: string,
  remedy: string,
  code: 'models_unwritable' | 'out_unwritable' = 'models_unwritable',
): unknown {
  if (!(error instanceof Error) || !('syscall' in error)) return error;
  return new UndertoneError(code, `cannot write ${what} (${error.message}); free space, or ${remedy}`, {
    cause: error,
  });
}
