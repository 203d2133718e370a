import { SOCKET_IO_PATH } from './socket-io-edge.ts';
import { WS_PATH } from './ws-edge.ts';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Admission, OnRefused } from './admission.ts';
import type { WsEdge } from './ws-edge.ts';

const TEXT: Record<number, string> = { 403: 'Forbidden', 404: 'Not Found', 429: 'Too Many Requests' };

/** Sends every upgrade where it belongs: socket.io's own listener takes its path, ws its, and the rest is refused. */
export function routeUpgrades(http: Server, ws: WsEdge, admission: Admission, onRefused: OnRefused): void {
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    if (path.startsWith(SOCKET_IO_PATH)) return;
    if (path !== WS_PATH) return refuse(socket, 404);
    const refusal = admission.refuses(request);
    if (!refusal) return ws.upgrade(request, socket, head);
    onRefused(refusal.reason, request);
    refuse(socket, refusal.status);
  });
}

function refuse(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} ${TEXT[status] ?? ''}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  socket.once('finish', () => socket.destroy());
}
