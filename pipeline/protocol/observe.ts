import * as z from 'zod';

/**
 * Watches a session, read-only; socket.io only, acknowledged with {@link ObserveReply}.
 * `token` is the session's `observe_token`, or the server's token where it has one.
 */
export const Observe = z.strictObject({
  type: z.literal('observe'),
  session_id: z.string().max(64),
  token: z.string().max(1024),
});
export type Observe = z.infer<typeof Observe>;

/** What the acknowledgement of `observe` says. */
export const ObserveReply = z.object({ ok: z.boolean(), code: z.string().optional() });
export type ObserveReply = z.infer<typeof ObserveReply>;
