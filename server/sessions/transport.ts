import type { ServerMessage, SessionTotals } from '../../pipeline/protocol/index.ts';

/** What a session needs of a connection; ws and socket.io each implement it. */
export interface SessionTransport {
  readonly kind: 'ws' | 'socket.io';
  send(message: ServerMessage): void;
  /** Bytes that were sent and have not left the process. */
  bufferedBytes(): number;
  /**
   * Ends the connection after what was sent, with a code of the protocol. Idempotent.
   *
   * @param totals what its session has counted, where there is one
   */
  close(code: number, reason: string, totals?: SessionTotals): void;
}
