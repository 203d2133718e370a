import { WebSocketServer } from 'ws';
import { CLOSE } from '../../pipeline/protocol/index.ts';
import { SessionConnection } from '../sessions/connection.ts';
import { controlLimit } from './control-limit.ts';
import { heartbeat } from './heartbeat.ts';
import { bearerToken } from './token.ts';
import { wsTransport } from './ws-transport.ts';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { ConnectionDeps } from '../sessions/connection-deps.ts';
import type { Admission } from './admission.ts';

export const WS_PATH = '/v1/stream';

/**
 * How clients close that leave on purpose: with 1000, or without a code, which is what `close()` of a browser does. A page that
 * goes away says 1001, a connection that is lost is 1006.
 */
const LEFT_ON_PURPOSE: ReadonlySet<number> = new Set([CLOSE.normal, 1005]);

export interface WsEdge {
  /** Takes an upgrade that was admitted. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Cuts what is still connected. */
  close(): void;
}

/** Sessions over plain WebSocket: text messages are JSON, binary messages are frames. */
export function createWsEdge(deps: ConnectionDeps, admission: Admission): WsEdge {
  const { config, log } = deps;
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: config.maxMessageBytes,
    clientTracking: true,
  });

  const serve = (socket: WebSocket, stream: Duplex, request: IncomingMessage): void => {
    const transport = wsTransport(socket, stream, config.closeGraceMs);
    const token = bearerToken(request.headers.authorization);
    const connection = new SessionConnection(deps, transport, { token, network: admission.network(request) });
    heartbeat(socket, config.pingMs, config.pingMisses);
    const countControl = controlLimit(config, log, 'ws', () => socket.terminate());
    socket.on('ping', countControl);
    socket.on('pong', countControl);
    socket.on('message', (data, isBinary) => {
      if (!Buffer.isBuffer(data)) return;
      if (isBinary) connection.onFrame(data);
      else connection.onText(data.toString('utf8'), data.byteLength);
    });
    // ws closes by itself after an error, with the code that fits (1009 for a message that is too long).
    socket.on('error', (error) => log.debug({ code: 'code' in error ? error.code : undefined }, 'ws error'));
    socket.on('close', (code) => connection.onClosed(LEFT_ON_PURPOSE.has(code)));
  };

  return {
    upgrade(request, socket, head) {
      const leave = admission.enter(request);
      socket.once('close', leave);
      server.handleUpgrade(request, socket, head, (client) => serve(client, socket, request));
    },
    close() {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}
