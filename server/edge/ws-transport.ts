import { jsonOf } from '../sessions/json-of.ts';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { SessionTransport } from '../sessions/transport.ts';

/**
 * A ws connection as sessions see it. A client that does not answer the close is cut off after `closeGraceMs`.
 *
 * @param stream what the connection writes to: messages of one turn of the event loop leave it in one write
 */
export function wsTransport(socket: WebSocket, stream: Duplex, closeGraceMs: number): SessionTransport {
  let grace: NodeJS.Timeout | undefined;
  let corked = false;
  const uncork = (): void => {
    corked = false;
    stream.uncork();
  };
  socket.once('close', () => clearTimeout(grace));
  return {
    kind: 'ws',
    send(message) {
      if (socket.readyState !== socket.OPEN) return;
      if (!corked) {
        corked = true;
        stream.cork();
        process.nextTick(uncork);
      }
      socket.send(jsonOf(message));
    },
    bufferedBytes: () => socket.bufferedAmount,
    close(code, reason) {
      if (grace !== undefined || socket.readyState === socket.CLOSED) return;
      grace = setTimeout(() => socket.terminate(), closeGraceMs);
      socket.close(code, reason);
    },
  };
}
