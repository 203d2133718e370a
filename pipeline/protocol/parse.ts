import * as z from 'zod';
import { ClientMessage } from './client-messages.ts';
import { PROTOCOL_VERSION } from './primitives.ts';
import type { ErrorCode } from './error-codes.ts';

/** Why something of a client is not taken. */
export interface Refusal {
  readonly code: ErrorCode;
  /** One line that says what is wrong and where. */
  readonly message: string;
  /** What it is about, where that can be read: a frame's `seq`, a caption's `segment_id`. */
  readonly ref?: string | number | undefined;
}

export type ParsedClientMessage =
  | { readonly ok: true; readonly message: ClientMessage }
  | ({ readonly ok: false } & Refusal);

const CLIENT_TYPES: ReadonlySet<string> = new Set(ClientMessage.options.map((option) => option.shape.type.value));

/** What can be read of a caption that is otherwise refused. */
const CaptionId = z.object({ type: z.literal('caption'), segment_id: z.string().max(128) });

/** Checks one message of a client strictly: unknown types and unknown fields are refused. Never throws. */
export function parseClientMessage(input: unknown): ParsedClientMessage {
  const json = readJson(input);
  if (!json.ok)
    return { ok: false, code: 'bad_json', message: 'the message is not JSON; send one JSON object per message' };
  const type = typeOf(json.value);
  if (type === undefined) return { ok: false, code: 'bad_message', message: 'a message is an object with a type' };
  if (!CLIENT_TYPES.has(type))
    return {
      ok: false,
      code: 'unknown_type',
      message: `unknown message type ${JSON.stringify(type.slice(0, 64))}: use ${[...CLIENT_TYPES].join(', ')}`,
    };
  const version = protocolOf(json.value);
  if (version !== undefined && version !== PROTOCOL_VERSION)
    return {
      ok: false,
      code: 'unsupported_protocol',
      message: `protocol ${version} is not spoken here: use ${PROTOCOL_VERSION}`,
    };
  const parsed = ClientMessage.safeParse(json.value);
  if (parsed.success) return { ok: true, message: parsed.data };
  const message = `${type}: ${explain(parsed.error)}`;
  return { ok: false, code: 'bad_message', message, ref: CaptionId.safeParse(json.value).data?.segment_id };
}

/** The first three issues in one line, each with the path of its field. */
function explain(error: z.ZodError): string {
  const said = error.issues.slice(0, 3).map((issue) => {
    const path = z.core.toDotPath(issue.path);
    return path === '' ? issue.message : `${path}: ${issue.message}`;
  });
  const more = error.issues.length - said.length;
  return said.join('; ').replace(/\s+/g, ' ') + (more > 0 ? `; and ${more} more` : '');
}

function readJson(input: unknown): { ok: true; value: unknown } | { ok: false } {
  if (typeof input !== 'string') return { ok: true, value: input };
  try {
    return { ok: true, value: JSON.parse(input) };
  } catch {
    return { ok: false };
  }
}

function protocolOf(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null || !('protocol' in value)) return undefined;
  return typeof value.protocol === 'number' ? value.protocol : undefined;
}

function typeOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('type' in value)) return undefined;
  return typeof value.type === 'string' ? value.type : undefined;
}
