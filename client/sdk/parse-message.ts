import * as z from 'zod';
import * as wire from '../../pipeline/protocol/index.ts';
import { toCamel } from './camel-case.ts';
import type { Camel } from './camel-case.ts';

/** A name that a later server may know and this client does not. */
const openName = <Name extends string>() => z.string() as z.ZodType<Name | (string & {}), string>;

const provenance = wire.ModalityProvenance.extend({ cause: openName<wire.Cause>().nullable() }).loose();
const body = { modalities: z.record(z.string(), provenance) };

/**
 * Everything this client understands, read leniently: fields that a later version adds are passed on, and causes and
 * codes may be any text or number.
 */
const Message = z.discriminatedUnion('type', [
  wire.SessionCreated.loose(),
  wire.SessionUpdated.loose(),
  wire.Credit.loose(),
  wire.SentimentResult.extend(body).loose(),
  wire.SentimentRevised.extend(body).loose(),
  wire.ModalityState.extend({ cause: openName<wire.Cause>().nullable() }).loose(),
  wire.ModalityReunion.loose(),
  wire.Metrics.loose(),
  wire.Warning.extend({ code: openName<wire.ErrorCode>() }).loose(),
  wire.ErrorMessage.extend({ code: openName<wire.ErrorCode>() }).loose(),
  wire.SessionClosed.extend({ code: z.int() }).loose(),
]);

type NamedKeys<T> = keyof { [K in keyof T as string extends K ? never : K]: true };

/** Only the fields that this version knows; records keep their keys. */
type Known<T> = T extends string
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Known<Item>[]
    : T extends object
      ? [NamedKeys<T>] extends [never]
        ? { [K in keyof T]: Known<T[K]> }
        : { [K in keyof T as string extends K ? never : K]: Known<T[K]> }
      : T;

/** A server message in camelCase, told apart by its wire `type`. */
export type ServerEvent = Camel<Known<z.infer<typeof Message>>>;
export type ServerEventOf<Type extends ServerEvent['type']> = Extract<ServerEvent, { type: Type }>;

/** A message that this client does not understand; nothing else is lost by it. */
export interface UnknownMessage {
  readonly type: 'unknown';
  readonly reason: 'not_json' | 'unknown_type' | 'bad_fields';
  /** What came: text that is not JSON, or the parsed value with its wire names. */
  readonly data: unknown;
  readonly detail: string;
}

/** Reads one server message: JSON text, or a value that the transport has parsed already. */
export function parseMessage(data: unknown): ServerEvent | UnknownMessage {
  let value = data;
  if (typeof data === 'string') {
    try {
      value = JSON.parse(data);
    } catch (error) {
      return { type: 'unknown', reason: 'not_json', data, detail: error instanceof Error ? error.message : '' };
    }
  }
  const parsed = Message.safeParse(value);
  if (parsed.success) return toCamel(parsed.data) as ServerEvent;
  const [issue] = parsed.error.issues;
  const reason = issue?.code === 'invalid_union' && issue.path[0] === 'type' ? 'unknown_type' : 'bad_fields';
  return { type: 'unknown', reason, data: value, detail: z.prettifyError(parsed.error) };
}
