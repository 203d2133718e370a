import type { WebSocket } from 'ws';

/** Pings every `pingMs`; after `misses` pings in a row without an answer the connection is cut. Ends with the socket. */
export function heartbeat(socket: WebSocket, pingMs: number, misses: number): void {
  let unanswered = 0;
  const timer = setInterval(() => {
    if (unanswered >= misses) return socket.terminate();
    unanswered++;
    socket.ping();
  }, pingMs);
  socket.on('pong', () => {
    unanswered = 0;
  });
  socket.once('close', () => clearInterval(timer));
}
