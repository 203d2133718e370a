import { Server } from 'socket.io';
import { CLOSE, Observe } from '../../pipeline/protocol/index.ts';
import { SessionConnection } from '../sessions/connection.ts';
import { makeProblem } from '../sessions/problem-message.ts';
import { Observers } from './observers.ts';
import { socketIoTransport } from './socket-io-transport.ts';
import { bearerToken } from './token.ts';
import type { Server as HttpServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'socket.io';
import type { ServerConfig } from '../config.ts';
import type { ConnectionDeps } from '../sessions/connection.ts';
import type { Admission, OnRefused } from './admission.ts';

export const SOCKET_IO_PATH = '/socket.io/';
export const LIVE_NAMESPACE = '/v1/live';
/** Event that carries a frame; its argument is the binary message of `/v1/stream`. */
const FRAME_EVENT = 'frame';

export interface SocketIoEdge {
  readonly observers: Observers;
  /** Starts to take connections. */
  serve(deps: ConnectionDeps): void;
  /** Cuts what is still connected. */
  close(): void;
}

/** Sessions and observers over socket.io: the messages of the protocol as events under their types. */
export function createSocketIoEdge(
  http: HttpServer,
  config: ServerConfig,
  admission: Admission,
  onRefused: OnRefused,
): SocketIoEdge {
  const io = new Server({
    path: SOCKET_IO_PATH,
    serveClient: false,
    perMessageDeflate: false,
    httpCompression: false,
    maxHttpBufferSize: config.maxMessageBytes,
    pingInterval: config.pingMs,
    pingTimeout: config.pingMs * Math.max(1, config.pingMisses - 1),
    connectTimeout: config.helloMs,
    cors: { origin: config.origins },
    // Guards polling and WebSocket alike; cors alone does not guard the WebSocket.
    allowRequest: (request, decide) => {
      const refusal = admission.refuses(request, isContinuing(request));
      if (refusal) onRefused(refusal.reason, request);
      decide(refusal?.reason ?? null, refusal === undefined);
    },
  });
  io.attach(http, { destroyUpgrade: false });
  io.engine.on('connection', (engine: { request: IncomingMessage; once(event: 'close', run: () => void): void }) => {
    engine.once('close', admission.enter(engine.request));
  });
  io.of('/').use((_socket, next) => next(new Error(`use the namespace ${LIVE_NAMESPACE}`)));
  const live = io.of(LIVE_NAMESPACE);
  const observers = new Observers(live, config);

  return {
    observers,
    serve(deps) {
      live.on('connection', (socket) => serveSocket(socket, deps, observers));
    },
    close() {
      io.disconnectSockets(true);
      io.engine.close();
    },
  };
}

function serveSocket(socket: Socket, deps: ConnectionDeps, observers: Observers): void {
  const transport = socketIoTransport(socket, deps.config.closeGraceMs);
  const auth: unknown = socket.handshake.auth['token'];
  const token = typeof auth === 'string' ? auth : bearerToken(socket.handshake.headers.authorization);
  const connection = new SessionConnection(deps, transport, token);
  let observing = false;

  socket.onAny((event: string, payload: unknown, reply: unknown) => {
    if (event === 'observe') {
      const request = Observe.safeParse({ type: event, ...(isRecord(payload) ? payload : {}) });
      if (!request.success) return connection.onUnreadable('observe needs session_id and token');
      if (!observing && !connection.becomeObserver())
        return connection.onUnreadable('a connection with a session cannot observe; use another one');
      observing = true;
      void observers.observe(socket, request.data, deps.registry).then((result) => {
        if (typeof reply === 'function') reply(result);
        // A connection that may not watch is of no use, and would be free to guess.
        if (!result.ok) transport.close(CLOSE.unauthorised, result.code ?? '');
        return undefined;
      });
      return;
    }
    if (observing) return transport.send(makeProblem('error', 'bad_message', 'an observer only watches'));
    if (event === FRAME_EVENT) {
      if (payload instanceof Uint8Array) connection.onFrame(payload);
      else connection.onUnreadable('a frame event carries one binary message');
      return;
    }
    if (payload !== undefined && !isRecord(payload))
      return connection.onUnreadable('an event carries one message, a JSON object');
    if (payload?.['type'] !== undefined && payload['type'] !== event)
      return connection.onUnreadable('the type of a message is the name of its event');
    connection.onValue({ ...payload, type: event });
  });
  socket.on('disconnect', (reason) => connection.onClosed(reason === 'client namespace disconnect'));
}

/** True for a request of an engine.io connection that exists: its next poll, or its upgrade to WebSocket. */
function isContinuing(request: IncomingMessage): boolean {
  return new URL(request.url ?? '/', 'http://localhost').searchParams.has('sid');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}
