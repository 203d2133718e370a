import { once } from 'node:events';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { ClientMessage, decodeFrame, ServerMessage } from '../../pipeline/protocol/index.ts';
import type { AddressInfo } from 'node:net';
import type { WebSocket } from 'ws';
import type { BinaryFrame, ClientMessageInput, SentimentResult } from '../../pipeline/protocol/index.ts';

/** The server's side of one connection. */
export interface Peer {
  /** Valid messages in order of arrival. */
  readonly messages: ClientMessageInput[];
  readonly frames: BinaryFrame[];
  /** Messages that the schema refuses. */
  readonly invalid: string[];
  readonly closed: boolean;
  /** Sends a message that the schema accepts. */
  send(message: ServerMessage): void;
  /** Sends anything. */
  sendRaw(data: string): void;
  /** Answers the hello. */
  greet(sessionId: string, change?: Partial<ReturnType<typeof sessionCreated>>): void;
  close(code: number, reason?: string): void;
  /** Cuts the connection without a word. */
  cut(): void;
  /** Resolves when `condition` holds, checked whenever something arrived. */
  until(condition: (peer: Peer) => boolean): Promise<void>;
}

export interface ProtocolServer {
  readonly url: string;
  /** The next connection that was not taken yet, after its hello. */
  nextPeer(): Promise<Peer>;
  readonly connections: number;
  close(): Promise<void>;
}

/** A server that checks what it is sent against the protocol's schemas, and says what the test makes it say. */
export async function startProtocolServer(): Promise<ProtocolServer> {
  const http = createServer();
  const sockets = new WebSocketServer({ server: http });
  const ready: Peer[] = [];
  const waiting: ((peer: Peer) => void)[] = [];
  let connections = 0;

  sockets.on('connection', (socket) => {
    connections++;
    const peer = acceptPeer(socket);
    void peer
      .until(() => peer.messages.length > 0)
      .then(() => {
        const taker = waiting.shift();
        return taker ? taker(peer) : void ready.push(peer);
      });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;

  return {
    url: `ws://127.0.0.1:${port}/v1/stream`,
    get connections() {
      return connections;
    },
    nextPeer() {
      const peer = ready.shift();
      return peer ? Promise.resolve(peer) : new Promise((resolve) => waiting.push(resolve));
    },
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      http.close();
      await once(http, 'close');
    },
  };
}

function acceptPeer(socket: WebSocket): Peer {
  const watchers = new Set<() => void>();
  let closed = false;
  const changed = (): void => {
    for (const watcher of watchers) watcher();
  };
  const peer: Peer = {
    messages: [],
    frames: [],
    invalid: [],
    get closed() {
      return closed;
    },
    send: (message) => socket.send(JSON.stringify(ServerMessage.parse(message))),
    sendRaw: (data) => socket.send(data),
    greet: (sessionId, change) => peer.send({ ...sessionCreated(sessionId), ...change }),
    close: (code, reason) => socket.close(code, reason),
    cut: () => socket.terminate(),
    until: (condition) =>
      new Promise((resolve) => {
        const watcher = (): void => {
          if (!condition(peer)) return;
          watchers.delete(watcher);
          resolve();
        };
        watchers.add(watcher);
        watcher();
      }),
  };
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) {
      const frame = decodeFrame(data);
      if (typeof frame === 'string') peer.invalid.push(frame);
      else peer.frames.push(frame);
    } else {
      const message = ClientMessage.safeParse(JSON.parse(data.toString()));
      if (message.success) peer.messages.push(message.data);
      else peer.invalid.push(message.error.message);
    }
    changed();
  });
  socket.on('close', () => {
    closed = true;
    changed();
  });
  return peer;
}

export function sessionCreated(sessionId: string) {
  return {
    type: 'session.created' as const,
    protocol: 1 as const,
    session_id: sessionId,
    bundle: {
      name: 'test',
      version: '1.0.0',
      sha256: '0'.repeat(64),
      modalities: [
        { name: 'video', kind: 'image', slots: 8 },
        { name: 'text', kind: 'text', slots: 1 },
      ],
      emotions: ['neutral', 'happy'],
    },
    device: { provider: 'cpu', name: 'test', workers: 1 },
    window_ms: 4000,
    hop_ms: 250,
    smoothing: 0,
    counterfactuals: false,
    limits: {
      max_message_bytes: 1_048_576,
      max_frames_per_s: 30,
      max_bytes_per_s: 4_194_304,
      max_image_width: 4096,
      max_image_height: 2160,
      max_whole_pixels: 2_073_600,
      idle_ms: 90_000,
    },
    resume_token: `resume-${sessionId}`,
  };
}

export function sentimentResult(seq: number, change: Partial<SentimentResult> = {}): SentimentResult {
  const ptsMs = seq * 250;
  const provenance = { source: 'observed' as const, cause: null, coverage: 1, age_ms: 0, fidelity: null };
  return {
    type: 'sentiment.result',
    seq,
    pts_ms: ptsMs,
    window: { start_ms: Math.max(0, ptsMs - 4000), end_ms: ptsMs },
    state: 'ok',
    score: 1.5,
    label: 'positive',
    probs: { negative: 0.1, neutral: 0.2, positive: 0.7 },
    emotions: { neutral: 0.3, happy: 0.7 },
    confidence: 0.8,
    modalities: { video: provenance, text: { ...provenance, is_final: true } },
    latency_ms: { queue: 0, encode: 3, predict: 1, total: 5 },
    ...change,
  };
}

export const NO_TOTALS = {
  frames: { received: 0, encoded: 0, in_flight: 0, dropped: {} },
  captions: 0,
  results: 0,
  revisions: 0,
  errors: 0,
  media_ms: 0,
};
