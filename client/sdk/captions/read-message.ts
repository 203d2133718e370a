import type * as z from 'zod';
import { ClientError } from '../client-error.ts';

/**
 * Reads one message of a speech recogniser: JSON text, or a value that was parsed already. Fields that the schema does
 * not name are left out.
 *
 * @throws {ClientError} `bad_caption` with what is wrong and where
 */
export function readMessage<T>(schema: z.ZodType<T>, message: unknown, source: string): T {
  const parsed = schema.safeParse(typeof message === 'string' ? fromJson(message, source) : message);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message: what }) =>
    path.length === 0 ? what : `${path.map(String).join('.')}: ${what}`,
  );
  throw new ClientError('bad_caption', `not a message of ${source}: ${issues.slice(0, 3).join('; ')}`);
}

function fromJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ClientError('bad_caption', `not a message of ${source}: the text is not JSON`);
  }
}
