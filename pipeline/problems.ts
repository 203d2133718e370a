import { UndertoneError } from '../models/errors.ts';
import { ErrorCode } from './protocol/index.ts';
import type { Problem } from './frames.ts';

const INPUT_CODES = new Set(['image_format', 'image_too_large', 'image_corrupt']);

/** True when the input is at fault, not the model. */
export function isInputError(error: unknown): error is UndertoneError {
  return error instanceof UndertoneError && INPUT_CODES.has(error.code);
}

export function problem(type: Problem['type'], code: ErrorCode, message: string, ref?: string | number): Problem {
  return { type, code, message, fatal: false, ...(ref === undefined ? {} : { ref }) };
}

/** What a failed call of the model tells the client; codes that the protocol does not know become `internal`. */
export function problemOf(type: Problem['type'], error: unknown, ref?: string | number): Problem {
  const code = ErrorCode.safeParse(error instanceof UndertoneError ? error.code : undefined);
  const message = error instanceof Error ? error.message : String(error);
  return problem(type, code.data ?? 'internal', message, ref);
}

/** Reports the failures of one kind of call once, and again only after a call has succeeded in between. */
export class Troubles {
  readonly #reported = new Map<string, Set<string>>();

  /** A warning, or null when this trouble is known. */
  failed(call: string, error: unknown, ref?: string | number): Problem | null {
    return this.met(call, problemOf('warning', error, ref));
  }

  /** The warning, or null when it is known. */
  met(call: string, warning: Problem): Problem | null {
    const codes = this.#reported.get(call) ?? new Set();
    if (codes.has(warning.code)) return null;
    this.#reported.set(call, codes.add(warning.code));
    return warning;
  }

  succeeded(call: string): void {
    this.#reported.delete(call);
  }
}
