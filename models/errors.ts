/** Exit status of the command line for each kind of failure. */
export const EXIT = { ok: 0, failure: 1, usage: 2, notInstalled: 3 } as const;

/**
 * A failure that a user or a client can act on.
 *
 * `code` is stable and documented in docs/errors.md; `message` is one line that says what is wrong and what to do.
 * `exitCode` is what the command line ends with when nobody handles the error.
 */
export class UndertoneError extends Error {
  readonly code: string;
  readonly exitCode: number;

  constructor(code: string, message: string, options: { cause?: unknown; exitCode?: number } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'UndertoneError';
    this.code = code;
    this.exitCode = options.exitCode ?? EXIT.failure;
  }
}

/** True for an error with that stable code. */
export function hasCode(error: unknown, code: string): error is UndertoneError {
  return error instanceof UndertoneError && error.code === code;
}
