import { randomUUID } from 'node:crypto';
import { z } from 'zod';

export const ErrorBody = z.object({
  error: z.object({ code: z.string(), message: z.string(), request_id: z.string() }),
});

/** The body of every HTTP error. */
export function errorBody(code: string, message: string): z.infer<typeof ErrorBody> {
  return { error: { code, message, request_id: randomUUID() } };
}
