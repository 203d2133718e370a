import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { encodeFrame, ServerMessage } from '../../../pipeline/protocol/index.ts';
import { pngHeader } from './test-image.ts';
import type { Socket } from 'socket.io-client';

type Type = ServerMessage['type'];
type OfType<T extends Type> = Extract<ServerMessage, { type: T }>;
export type TransportKind = 'ws' | 'socket.io';
export const TRANSPORTS: readonly TransportKind[] = ['ws', 'socket.io'];

/** A raw protocol client over either transport: what is sent is not checked, what comes is. */
export interface TestClient {
  readonly messages: ServerMessage[];
  /** Sends a message as it is; on socket.io as the event of its type. */
  send(message: Record<string, unknown>): void;
  sendText(text: string): void;
  sendBinary(bytes: Uint8Array): void;
  frame(seq: number, ptsMs: number, tag?: string): void;
  caption(segmentId: string, text: string, startMs: number, endMs: number): void;
  /** The first message from now or before that fits; rejects after `waitMs`, 10 s when absent. */
  next<T extends Type>(type: T, fits?: (message: OfType<T>) => boolean, waitMs?: number): Promise<OfType<T>>;
  of<T extends Type>(type: T): OfType<T>[];
  count(type: Type): number;
  /** Resolves with the close code; on socket.io, which has none, with that of `session.closed` or else 1006. */
  readonly closed: Promise<number>;
  /** Ends the connection as a network failure does. */
  drop(): void;
  /** Ends the connection on purpose. */
  leave(): void;
  readonly ws: WebSocket | undefined;
  readonly socket: Socket | undefined;
}

export interface TestClientOptions {
  readonly headers?: Record<string, string>;
  readonly auth?: Record<string, string>;
  /** Transports of socket.io. */
  readonly transports?: string[];
}

const WAIT_MS = 10_000;

class Inbox {
  readonly messages: ServerMessage[] = [];
  readonly #counts = new Map<Type, number>();
  readonly #waiting = new Set<(message: ServerMessage) => void>();

  push(raw: unknown): void {
    const message = ServerMessage.parse(raw);
    this.messages.push(message);
    this.#counts.set(message.type, this.count(message.type) + 1);
    for (const check of this.#waiting) check(message);
  }

  count(type: Type): number {
    return this.#counts.get(type) ?? 0;
  }

  of<T extends Type>(type: T): OfType<T>[] {
    return this.messages.filter((message): message is OfType<T> => message.type === type);
  }

  next<T extends Type>(
    type: T,
    fits: (message: OfType<T>) => boolean = () => true,
    waitMs: number = WAIT_MS,
  ): Promise<OfType<T>> {
    const found = this.of(type).find(fits);
    if (found) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(check);
        const seen = this.messages.slice(-50).map((message) => message.type);
        reject(new Error(`no ${type} that fits in ${waitMs} ms; came last: ${seen.join(' ')}`));
      }, waitMs);
      const check = (message: ServerMessage): void => {
        if (message.type !== type || !fits(message as OfType<T>)) return;
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve(message as OfType<T>);
      };
      this.#waiting.add(check);
    });
  }
}

/** Connects; rejects when the server refuses the connection. */
export function connectTestClient(
  kind: TransportKind,
  baseUrl: string,
  options: TestClientOptions = {},
): Promise<TestClient> {
  return kind === 'ws' ? connectWs(baseUrl, options) : connectSocketIo(baseUrl, options);
}

function clientOf(
  inbox: Inbox,
  closed: Promise<number>,
  rest: Pick<TestClient, 'send' | 'sendText' | 'sendBinary' | 'drop' | 'leave' | 'ws' | 'socket'>,
): TestClient {
  return {
    ...rest,
    messages: inbox.messages,
    closed,
    next: (type, fits, waitMs) => inbox.next(type, fits, waitMs),
    of: (type) => inbox.of(type),
    count: (type) => inbox.count(type),
    frame: (seq, ptsMs, tag = String(seq)) =>
      rest.sendBinary(encodeFrame({ seq, ptsMs, image: pngHeader(64, 64, tag) })),
    caption: (segmentId, text, startMs, endMs) =>
      rest.send({
        type: 'caption',
        segment_id: segmentId,
        revision: 0,
        text,
        is_final: true,
        start_ms: startMs,
        end_ms: endMs,
      }),
  };
}

async function connectWs(baseUrl: string, options: TestClientOptions): Promise<TestClient> {
  const inbox = new Inbox();
  const ws = new WebSocket(`${baseUrl.replace('http', 'ws')}/v1/stream`, { headers: options.headers ?? {} });
  ws.on('message', (data: Buffer) => inbox.push(JSON.parse(data.toString('utf8'))));
  const closed = new Promise<number>((resolve) => ws.on('close', resolve));
  await new Promise<void>((resolve, reject) => {
    ws.once('open', resolve);
    ws.on('error', reject);
  });
  return clientOf(inbox, closed, {
    ws,
    socket: undefined,
    send: (message) => ws.send(JSON.stringify(message)),
    sendText: (text) => ws.send(text),
    sendBinary: (bytes) => ws.send(bytes),
    drop: () => ws.terminate(),
    leave: () => ws.close(1000),
  });
}

async function connectSocketIo(baseUrl: string, options: TestClientOptions): Promise<TestClient> {
  const inbox = new Inbox();
  const socket = io(`${baseUrl}/v1/live`, {
    transports: options.transports ?? ['websocket'],
    reconnection: false,
    forceNew: true,
    ...(options.headers ? { extraHeaders: options.headers } : {}),
    ...(options.auth ? { auth: options.auth } : {}),
  });
  socket.onAny((type: string, message: { type: string }) => {
    if (message.type !== type) throw new Error(`event ${type} carries ${message.type}`);
    inbox.push(message);
  });
  const closed = new Promise<number>((resolve) =>
    socket.on('disconnect', () => resolve(inbox.of('session.closed')[0]?.code ?? 1006)),
  );
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', (error) => {
      socket.close();
      reject(error);
    });
  });
  return clientOf(inbox, closed, {
    ws: undefined,
    socket,
    send: (message) => {
      const { type, ...rest } = message;
      socket.emit(typeof type === 'string' ? type : 'none', rest);
    },
    sendText: (text) => socket.emit('caption', text),
    sendBinary: (bytes) => socket.emit('frame', bytes),
    drop: () => socket.io.engine.close(),
    leave: () => socket.disconnect(),
  });
}
