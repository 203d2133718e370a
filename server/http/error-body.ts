import { randomUUID } from 'node:crypto';

export interface ErrorBody {
  readonly error: { readonly code: string; readonly message: string; readonly request_id: string };
}

/** The body of every HTTP error. */
export function errorBody(code: string, message: string): ErrorBody {
  return { error: { code, message, request_id: randomUUID() } };
}
