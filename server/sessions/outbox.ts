import { jsonOf } from './json-of.ts';
import type { ServerMessage } from '../../pipeline/protocol/index.ts';
import type { SessionTransport } from './transport.ts';

const RETRY_MS = 50;

/** Of these a newer one makes the older useless. */
export const REPLACEABLE: ReadonlySet<ServerMessage['type']> = new Set(['sentiment.result', 'metrics']);

export interface OutboxLimits {
  readonly coalesceBytes: number;
  readonly closeBytes: number;
}

/** How long a message took to leave. */
export interface SendTimes {
  /** Milliseconds that it waited here, because the client reads slowly. */
  readonly queueMs: number;
  /** Milliseconds to make it a packet and hand it to the transport. */
  readonly sendMs: number;
}

export interface OutboxHandlers {
  /** More than `closeBytes` would wait. */
  overflow(): void;
  /** A message was handed to the transport. */
  sent(message: ServerMessage, times: SendTimes): void;
  /** A newer message replaced one before it was sent. */
  coalesced(): void;
}

interface Waiting {
  readonly message: ServerMessage;
  /** A newer one of its type takes its place. */
  readonly replaceable: boolean;
  /** What counts towards `closeBytes`; 0 of a resume. */
  readonly bytes: number;
  readonly sinceMs: number;
}

/**
 * Sends messages in order. While more than `coalesceBytes` are buffered by the transport, messages wait here: of results
 * and metrics the newest, of everything else all. When buffered and waiting bytes pass `closeBytes`, `overflow` is
 * called once and nothing more is sent. What a resume sends again comes all at once, so all of it may wait, as much as was
 * kept for that.
 */
export class Outbox {
  readonly #transport: SessionTransport;
  readonly #limits: OutboxLimits;
  readonly #handlers: OutboxHandlers;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(transport: SessionTransport, limits: OutboxLimits, handlers: OutboxHandlers) {
    this.#transport = transport;
    this.#limits = limits;
    this.#handlers = handlers;
  }

  send(message: ServerMessage): void {
    if (this.#passes(message)) return;
    const replaceable = REPLACEABLE.has(message.type);
    if (replaceable) this.#replace(message);
    this.#wait(message, replaceable, jsonOf(message).length);
    if (this.#transport.bufferedBytes() + this.#waitingBytes <= this.#limits.closeBytes) return;
    this.stop();
    this.#handlers.overflow();
  }

  /** The same for a message of a resume, of which none is left out. */
  sendAgain(message: ServerMessage): void {
    if (!this.#passes(message)) this.#wait(message, false, 0);
  }

  /** Drops what waits of a resume. @returns how many messages */
  dropAgain(): number {
    const before = this.#waiting.length;
    this.#waiting = this.#waiting.filter(({ bytes }) => bytes > 0);
    return before - this.#waiting.length;
  }

  /** Hands what waits to the transport whatever is buffered, and takes nothing more. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.stop();
    for (const { message, sinceMs } of this.#waiting) this.#send(message, sinceMs);
    this.#waiting = [];
  }

  /** Takes nothing more, and sends nothing of what waits. Idempotent. */
  stop(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #send(message: ServerMessage, sinceMs: number): void {
    const startedMs = performance.now();
    this.#transport.send(message);
    this.#handlers.sent(message, { queueMs: startedMs - sinceMs, sendMs: performance.now() - startedMs });
  }

  /** Sends the message where nothing has to wait. @returns false where it has to */
  #passes(message: ServerMessage): boolean {
    if (this.#closed) return true;
    if (this.#waiting.length > 0 || this.#transport.bufferedBytes() > this.#limits.coalesceBytes) return false;
    this.#send(message, performance.now());
    return true;
  }

  /** Drops the waiting message that a newer one makes useless. */
  #replace({ type }: ServerMessage): void {
    const at = this.#waiting.findIndex(({ replaceable, message }) => replaceable && message.type === type);
    if (at < 0) return;
    this.#waitingBytes -= this.#waiting.splice(at, 1)[0]?.bytes ?? 0;
    this.#handlers.coalesced();
  }

  #wait(message: ServerMessage, replaceable: boolean, bytes: number): void {
    this.#waiting.push({ message, replaceable, bytes, sinceMs: performance.now() });
    this.#waitingBytes += bytes;
    this.#timer ??= setTimeout(() => this.#retry(), RETRY_MS);
  }

  #retry(): void {
    this.#timer = undefined;
    while (this.#transport.bufferedBytes() <= this.#limits.coalesceBytes) {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) return;
      this.#waitingBytes -= waiting.bytes;
      this.#send(waiting.message, waiting.sinceMs);
    }
    if (this.#waiting.length > 0) this.#timer = setTimeout(() => this.#retry(), RETRY_MS);
  }
}
