import { ServerResponse } from 'node:http';
import { errorBody } from '../http/error-body.ts';
import { SOCKET_IO_PATH } from './socket-io-edge.ts';
import { WS_PATH } from './ws-edge.ts';
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Admission, OnRefused, RefusedConnection } from './admission.ts';
import type { WsEdge } from './ws-edge.ts';

const TEXT: Record<number, string> = { 403: 'Forbidden', 404: 'Not Found', 429: 'Too Many Requests' };

const WHY: Readonly<Record<RefusedConnection['reason'], string>> = {
  origin: 'pages of this origin may not connect; UNDERTONE_ORIGINS names those that may',
  address_limit: 'too many connections from this address; close one',
};

export interface UpgradeRouter {
  /** Cuts what is still being answered. */
  close(): void;
}

/**
 * Sends every upgrade where it belongs: socket.io's own listener takes its path, ws its, and the rest is refused. A request
 * that offers another protocol, as clients of HTTP/2 do with `h2c`, is answered as if it did not.
 */
export function routeUpgrades(http: Server, ws: WsEdge, admission: Admission, onRefused: OnRefused): UpgradeRouter {
  const answered = new Set<Duplex>();
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    if (path.startsWith(SOCKET_IO_PATH)) return;
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
      answered.add(socket);
      socket.once('close', () => answered.delete(socket));
      return answerPlainly(http, request, socket);
    }
    if (path !== WS_PATH) return refuse(socket, 404, 'not_found', `the WebSocket is at ${WS_PATH}`);
    const refusal = admission.refuses(request);
    if (!refusal) return ws.upgrade(request, socket, head);
    onRefused(refusal.reason, request);
    refuse(socket, refusal.status, 'bad_request', WHY[refusal.reason]);
  });
  return {
    close() {
      for (const socket of answered) socket.destroy();
    },
  };
}

function answerPlainly(http: Server, request: IncomingMessage, socket: Duplex): void {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  // The stream of an HTTP request is a network socket.
  response.assignSocket(socket as Socket);
  // Node's server has let go of an upgraded socket: nobody else tells the answer that there is room again, or reads that the
  // client has gone, and neither the parser's time limits nor `closeAllConnections` end one whose client never ends its half.
  socket.on('drain', () => response.emit('drain'));
  socket.resume();
  response.once('finish', () => socket.end(() => socket.destroy()));
  http.emit('request', request, response);
}

function refuse(socket: Duplex, status: number, code: string, message: string): void {
  const body = JSON.stringify(errorBody(code, message));
  const headers = ['Connection: close', 'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`];
  socket.end([`HTTP/1.1 ${status} ${TEXT[status] ?? ''}`, ...headers, '', body].join('\r\n'));
  socket.once('finish', () => socket.destroy());
}
