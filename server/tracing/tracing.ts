import type { BatchEvent } from '../../models/runtime/runtime-events.ts';
import type { ServerMessage } from '../../pipeline/protocol/index.ts';
import type { SendTimes } from '../sessions/outbox.ts';

/** Makes spans out of times that were measured anyway. Captions, frames, tokens and addresses are never in them. */
export interface Tracing {
  /** A batch that has just finished. Spans: `batch`, and in it `queue`, `decode`, and `encode` or `heads`. */
  batch(event: BatchEvent): void;
  /**
   * A message that has just left, for the first time and soon after it was made. Results alone have spans: `result`, and in it
   * `queue`, `encode`, `heads`, `send`.
   */
  sent(message: ServerMessage, times: SendTimes, to: { session: string | undefined; transport: string }): void;
  /** Exports what is left, within a few seconds, and sends nothing more. Idempotent; never rejects. */
  close(): Promise<void>;
}
