import type * as z from 'zod';
import { ClientError } from '../client-error.ts';
import { sayIssues } from '../describe-issues.ts';

/**
 * Reads one message of a speech recogniser: JSON text, or a value that was parsed already. Fields that the schema does
 * not name are left out.
 *
 * @throws {ClientError} `bad_caption` with what is wrong and where
 */
export function readMessage<T>(schema: z.ZodType<T>, message: unknown, source: string): T {
  const parsed = schema.safeParse(typeof message === 'string' ? fromJson(message, source) : message);
  if (parsed.success) return parsed.data;
  throw new ClientError('bad_caption', `not a message of ${source}: ${sayIssues(parsed.error.issues.slice(0, 3))}`);
}

function fromJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ClientError('bad_caption', `not a message of ${source}: the text is not JSON`);
  }
}
