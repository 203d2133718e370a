import { parseClientMessage } from '../../pipeline/protocol/index.ts';
import type { ClientMessage, ErrorCode } from '../../pipeline/protocol/index.ts';

export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly ref?: string | number;
}

export type Parsed = { readonly ok: true; readonly message: ClientMessage } | ({ readonly ok: false } & Refusal);

/**
 * Validates one message of a client: JSON text, or a value that the transport has parsed. `byteLength` is its length as
 * JSON. What is wrong comes back as a stable code and one line.
 */
export function parseMessage(input: unknown, byteLength: number, maxJsonBytes: number): Parsed {
  if (byteLength > maxJsonBytes)
    return { ok: false, code: 'message_too_big', message: `a JSON message is at most ${maxJsonBytes} bytes` };
  const parsed = parseClientMessage(input);
  if (parsed.ok) return parsed;
  const { code, error: message, ref } = parsed;
  return { ok: false, code, message, ...(ref === undefined ? {} : { ref }) };
}
