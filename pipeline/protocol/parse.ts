import { z } from 'zod';
import { ClientMessage } from './client-messages.ts';
import { PROTOCOL_VERSION } from './primitives.ts';
import type { ErrorCode } from './error-codes.ts';

export type ParsedClientMessage =
  | { readonly ok: true; readonly message: ClientMessage }
  | {
      readonly ok: false;
      readonly code: Extract<ErrorCode, 'bad_json' | 'unknown_type' | 'unsupported_protocol' | 'bad_message'>;
      /** One line that says what is wrong and where. */
      readonly error: string;
      /** The message's own `type`, where it has one. */
      readonly type?: string;
      /** The segment of a caption, where it has one. */
      readonly ref?: string;
    };

const CLIENT_TYPES: ReadonlySet<string> = new Set(ClientMessage.options.map((option) => option.shape.type.value));

/** What can be read of a caption that is otherwise refused. */
const CaptionId = z.object({ type: z.literal('caption'), segment_id: z.string().max(128) });

/** Checks one message of a client strictly: unknown types and unknown fields are refused. Never throws. */
export function parseClientMessage(input: unknown): ParsedClientMessage {
  const json = readJson(input);
  if (!json.ok) return { ok: false, code: 'bad_json', error: json.error };
  const type = typeOf(json.value);
  if (type === undefined) return { ok: false, code: 'bad_message', error: 'a message is an object with a type' };
  if (!CLIENT_TYPES.has(type))
    return {
      ok: false,
      code: 'unknown_type',
      error: `unknown message type ${JSON.stringify(type.slice(0, 64))}: use ${[...CLIENT_TYPES].join(', ')}`,
      type,
    };
  const version = protocolOf(json.value);
  if (version !== undefined && version !== PROTOCOL_VERSION)
    return {
      ok: false,
      code: 'unsupported_protocol',
      error: `protocol ${version} is not spoken here: use ${PROTOCOL_VERSION}`,
      type,
    };
  const parsed = ClientMessage.safeParse(json.value);
  if (parsed.success) return { ok: true, message: parsed.data };
  const ref = segmentOf(json.value);
  const error = `${type}: ${explain(parsed.error)}`;
  return { ok: false, code: 'bad_message', error, type, ...(ref === undefined ? {} : { ref }) };
}

/** The first three issues in one line, each with the path of its field. */
export function explain(error: z.ZodError): string {
  const said = error.issues.slice(0, 3).map((issue) => {
    const path = z.core.toDotPath(issue.path);
    return path === '' ? issue.message : `${path}: ${issue.message}`;
  });
  const more = error.issues.length - said.length;
  return said.join('; ').replace(/\s+/g, ' ') + (more > 0 ? `; and ${more} more` : '');
}

function readJson(input: unknown): { ok: true; value: unknown } | { ok: false; error: string } {
  if (typeof input !== 'string') return { ok: true, value: input };
  try {
    return { ok: true, value: JSON.parse(input) };
  } catch {
    return { ok: false, error: 'the message is not JSON' };
  }
}

function protocolOf(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null || !('protocol' in value)) return undefined;
  return typeof value.protocol === 'number' ? value.protocol : undefined;
}

function segmentOf(value: unknown): string | undefined {
  const id = CaptionId.safeParse(value);
  return id.success ? id.data.segment_id : undefined;
}

function typeOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('type' in value)) return undefined;
  return typeof value.type === 'string' ? value.type : undefined;
}
