import { Server } from 'socket.io';
import { CLOSE, Observe, type CloseCodeValue, type ObserveReply } from '../../pipeline/protocol/index.ts';
import { SessionConnection } from '../sessions/connection.ts';
import { controlLimit } from './control-limit.ts';
import { Observers } from './observers.ts';
import { idOf, socketIoTransport, webSocketOf } from './socket-io-transport.ts';
import { bearerToken } from './token.ts';
import type { Server as HttpServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'socket.io';
import type { ServerConfig } from '../config.ts';
import type { ConnectionDeps } from '../sessions/connection-deps.ts';
import type { Logger } from '../log.ts';
import type { Admission, OnRefused, RefusedConnection } from './admission.ts';
import type { EngineConnection, EngineRequest, EngineWebSocket } from './socket-io-transport.ts';
import { LONGEST_TIMER_MS } from '../../pipeline/clock.ts';

export const SOCKET_IO_PATH = '/socket.io/';
const LIVE_NAMESPACE = '/v1/live';
/** How a packet of an event begins, one with binary parts too; these follow as packets that are no text. */
const EVENT = /^[25]/;
/** Event that carries a frame; its argument is the binary message of `/v1/stream`. */
const FRAME_EVENT = 'frame';

/** How a connection ends that may not watch. */
const CLOSE_OF: Readonly<Record<string, CloseCodeValue>> = {
  unauthorised: CLOSE.unauthorised,
  overloaded: CLOSE.overloaded,
  no_such_session: CLOSE.normal,
};

/** A page of another origin can do nothing with an answer that it did not ask for as such. */
const NOT_FOR_OTHERS = { 'X-Content-Type-Options': 'nosniff', 'Cross-Origin-Resource-Policy': 'same-origin' };

const FOREIGN = { status: 403, reason: 'origin' } as const satisfies RefusedConnection;

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
  log: Logger,
): SocketIoEdge {
  // Counted at once: requests that come in one piece are all decided before the first of them is a connection.
  const allowed = new Map<IncomingMessage, () => void>();
  const allow = (request: IncomingMessage): void => {
    const leave = admission.enter(request);
    allowed.set(request, leave);
    // What is no connection by then was not one that could be opened.
    setImmediate(() => {
      if (allowed.delete(request)) leave();
    });
  };
  const io = new Server({
    path: SOCKET_IO_PATH,
    serveClient: false,
    perMessageDeflate: false,
    httpCompression: false,
    maxHttpBufferSize: config.maxMessageBytes,
    pingInterval: config.pingMs,
    // The client waits for the interval and the timeout together.
    pingTimeout: Math.min(config.pingMs * Math.max(1, config.pingMisses - 1), LONGEST_TIMER_MS - config.pingMs),
    connectTimeout: config.helloMs,
    cors: { origin: config.origins },
    // Guards polling and WebSocket alike, once per connection; cors alone does not guard the WebSocket.
    allowRequest: (request, decide) => {
      const refusal = isForScript(request) ? FOREIGN : admission.refuses(request);
      if (refusal) onRefused(refusal.reason, request);
      else allow(request);
      decide(refusal?.reason ?? null, refusal === undefined);
    },
  });
  io.attach(http, { destroyUpgrade: false });
  /** By the id of each connection: what watches a WebSocket of it. */
  const watching = new Map<string | undefined, (webSocket: EngineWebSocket | undefined) => void>();
  io.engine.on('headers', (headers: Record<string, string>, request: EngineRequest) => {
    Object.assign(headers, NOT_FOR_OTHERS);
    // A WebSocket to which a connection may go over is answered from its first bytes on, long before it is the connection's.
    queueMicrotask(() => watching.get(request._query.sid)?.(request.websocket));
  });
  io.engine.on('connection', (engine: EngineConnection) => {
    const leave = allowed.get(engine.request) ?? admission.enter(engine.request);
    allowed.delete(engine.request);
    const id = idOf(engine);
    engine.once('close', () => {
      watching.delete(id);
      leave();
    });
    watching.set(id, countControl(engine, config, log));
  });
  io.of('/').use((_socket, next) => next(new Error(`use the namespace ${LIVE_NAMESPACE}`)));
  const live = io.of(LIVE_NAMESPACE);
  const observers = new Observers(live, config);
  // A connection could join the namespace any number of times before its first join is done.
  const joined = new WeakSet();
  live.use((socket, next) => {
    if (joined.has(socket.conn)) socket.conn.close(true);
    else next();
    joined.add(socket.conn);
  });

  return {
    observers,
    serve(deps) {
      live.on('connection', (socket) => serveSocket(socket, admission.network(socket.conn.request), deps, observers));
    },
    close() {
      io.disconnectSockets(true);
      io.engine.close();
    },
  };
}

/** Answers that are a script (JSONP) can be had by any page, and no browser says by which. */
function isForScript({ url = '/' }: IncomingMessage): boolean {
  return new URL(url, 'http://localhost').searchParams.has('j');
}

/**
 * Of the packets, those of events are left to the session, which they reach where there is one; else they end the connection.
 *
 * @returns watches a further WebSocket, to which the connection may go over
 */
function countControl(
  engine: EngineConnection,
  config: ServerConfig,
  log: Logger,
): (webSocket: EngineWebSocket | undefined) => void {
  const webSockets = new Set<EngineWebSocket>();
  const count = controlLimit(config, log, 'socket.io', () => {
    for (const webSocket of webSockets) webSocket.terminate?.();
    engine.close(true);
  });
  const watch = (webSocket: EngineWebSocket | undefined): void => {
    if (!webSocket) return;
    webSockets.add(webSocket);
    webSocket.on?.('close', () => webSockets.delete(webSocket));
    webSocket.on?.('ping', count);
    webSocket.on?.('pong', count);
  };
  watch(webSocketOf(engine));
  // A probe before going over. engine.io sets a timer right after this, which would run for ever on a connection cut here.
  engine.on('upgrading', () => queueMicrotask(count));
  engine.on('packet', ({ type, data }: { type: string; data?: unknown }) => {
    const isEvent = type === 'message' && (typeof data !== 'string' || EVENT.test(data));
    if (!isEvent) count();
  });
  return watch;
}

function serveSocket(socket: Socket, network: string, deps: ConnectionDeps, observers: Observers): void {
  const transport = socketIoTransport(socket, deps.config.closeGraceMs);
  const auth: unknown = socket.handshake.auth['token'];
  const token = typeof auth === 'string' ? auth : bearerToken(socket.handshake.headers.authorization);
  const connection = new SessionConnection(deps, transport, { token, network });
  let observing = false;

  const observe = async (payload: unknown): Promise<ObserveReply> => {
    const refuse = (message: string): ObserveReply => {
      connection.onUnreadable(message);
      return { ok: false, code: 'bad_message' };
    };
    const request = Observe.safeParse({ type: 'observe', ...(isRecord(payload) ? payload : {}) });
    if (!request.success) return refuse('observe needs session_id and token');
    if (observing) return refuse('this connection watches already; use another one for another session');
    if (!connection.becomeObserver()) return refuse('a connection with a session cannot observe; use another one');
    observing = true;
    const result = await observers.observe(socket, request.data, deps.registry);
    const { ok, code = 'unauthorised' } = result;
    // A connection that may not watch is of no use, and would be free to guess; the acknowledgement goes first.
    if (!ok) setImmediate(() => transport.close(CLOSE_OF[code] ?? CLOSE.unauthorised, code));
    return result;
  };

  socket.onAny((event: string, payload: unknown, reply: unknown) => {
    if (event === 'observe') {
      // Without a request the acknowledgement is the first argument.
      const acknowledge = typeof reply === 'function' ? reply : payload;
      return void observe(payload).then((result) =>
        typeof acknowledge === 'function' ? acknowledge(result) : undefined,
      );
    }
    if (observing) return connection.onUnreadable('an observer only watches');
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
  socket.on('disconnect', (reason) => {
    connection.onClosed(reason === 'client namespace disconnect');
    // Whoever leaves the namespace keeps the connection below it, which is of no more use.
    socket.conn.close();
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}
