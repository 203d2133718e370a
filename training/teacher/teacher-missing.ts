import { EXIT, UndertoneError } from '../../models/errors.ts';

/** The error for packages that a recipe needs and a clone has, but not every installation. */
export function teacherMissing(what: string, packages: readonly string[], cause: unknown): UndertoneError {
  return new UndertoneError('teacher_missing', `${what}; npm install --no-save ${packages.join(' ')}`, {
    cause,
    exitCode: EXIT.notInstalled,
  });
}
