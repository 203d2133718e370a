import type { WebSocket } from 'ws';
import type { SessionTransport } from '../sessions/transport.ts';

/** A ws connection as sessions see it. A client that does not answer the close is cut off after `closeGraceMs`. */
export function wsTransport(socket: WebSocket, closeGraceMs: number): SessionTransport {
  let grace: NodeJS.Timeout | undefined;
  socket.once('close', () => clearTimeout(grace));
  return {
    kind: 'ws',
    send(message) {
      if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
    },
    bufferedBytes: () => socket.bufferedAmount,
    close(code, reason) {
      if (grace !== undefined || socket.readyState === socket.CLOSED) return;
      grace = setTimeout(() => socket.terminate(), closeGraceMs);
      socket.close(code, reason);
    },
    terminate: () => socket.terminate(),
  };
}
