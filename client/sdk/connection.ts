import { CLOSE } from '../../pipeline/protocol/index.ts';
import { backoffMs } from './backoff.ts';
import { ClientError } from './client-error.ts';
import { isPermanent, mayReconnect, patienceMs } from './close-policy.ts';
import { ABNORMAL_CLOSURE, TIMEOUT_CLOSURE } from './transport/transport.ts';
import type { BackoffOptions } from './backoff.ts';
import type { OpenTransport, Transport } from './transport/transport.ts';

/** `connecting`: first try. `reconnecting`: lost, and on its way back. `closed` is for good. */
export type ConnectionState = 'connecting' | 'open' | 'reconnecting' | 'closing' | 'closed';

export interface ConnectionStatus {
  readonly state: ConnectionState;
  /** Tries since the last open connection; 0 before the first retry. */
  readonly attempt: number;
  /** Milliseconds to wait before the next try, from the end of the last connection on; null when none is waiting. */
  readonly retryInMs: number | null;
  /** Why the last connection ended. */
  readonly last: { readonly code: number; readonly reason: string } | null;
}

export interface ConnectionOptions {
  readonly url: string;
  readonly open: OpenTransport;
  readonly backoff: BackoffOptions | null;
  /** Longest wait for the session after a try began. */
  readonly handshakeMs: number;
  /** Longest silence of the server once it sent `metrics`; 0 waits forever. */
  readonly staleMs: number;
  /** The server is known to be there: a session of it is to be resumed. */
  readonly known: boolean;
  /** The client sends often enough that its silence is no reason for it to stay closed. */
  readonly isNeverIdle: () => boolean;
}

export interface ConnectionHandlers {
  /** The transport is open: say hello. */
  hello(): void;
  message(data: unknown): void;
  /** A connection that carried a session ended; more may come. */
  lost(): void;
  status(status: ConnectionStatus): void;
  /** The address gives no connection: `connection_refused`, `unreachable`. `closed` follows with the code as its reason. */
  failed(error: ClientError): void;
  /** The last event. */
  closed(code: number, reason: string): void;
}

/**
 * Keeps one transport open: retries with backoff, gives up on refusals, closes once.
 *
 * Before a connection has ever opened, an address that HTTP refuses for good is given up at once where the platform tells
 * the status, and any other after `backoff.firstAttempts`. Later such answers come of a proxy whose server restarts.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #handlers: ConnectionHandlers;
  #transport: Transport | undefined;
  #state: ConnectionState = 'connecting';
  #attempt = 0;
  #openedAtMs = 0;
  /** Connections in a row that carried a session for less than the longest wait. */
  #brief = 0;
  #last: ConnectionStatus['last'] = null;
  #announced: ConnectionStatus['last'] = null;
  #retryInMs: number | null = null;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #grace: ReturnType<typeof setTimeout> | undefined;
  #handshake: ReturnType<typeof setTimeout> | undefined;
  #stale: ReturnType<typeof setTimeout> | undefined;
  #watched = false;
  /** A connection has opened before. */
  #reached: boolean;
  /** Ends the current transport's life, once. */
  #end: (code: number, reason: string, status?: number) => void = () => undefined;

  constructor(options: ConnectionOptions, handlers: ConnectionHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    this.#reached = options.known;
  }

  get status(): ConnectionStatus {
    return { state: this.#state, attempt: this.#attempt, retryInMs: this.#retryInMs, last: this.#last };
  }

  start(): void {
    this.#retryInMs = null;
    let ended = false;
    const end = (code: number, reason: string, status?: number): void => {
      if (ended) return;
      ended = true;
      this.#ended(code, reason, status);
    };
    this.#end = end;
    // The package `ws` still hands over what comes while it closes.
    const isOver = (): boolean => ended || this.#state === 'closed';
    this.#handshake = setTimeout(() => {
      end(ABNORMAL_CLOSURE, 'no session in time');
      transport?.close(TIMEOUT_CLOSURE, 'no session in time');
    }, this.#options.handshakeMs);
    let transport: Transport | undefined;
    try {
      transport = this.#options.open(this.#options.url, {
        opened: () => {
          if (isOver()) return;
          this.#reached = true;
          this.#handlers.hello();
        },
        message: (data) => {
          if (isOver()) return;
          if (this.#watched) this.#watch();
          this.#handlers.message(data);
        },
        closed: end,
      });
    } catch (error) {
      end(ABNORMAL_CLOSURE, error instanceof Error ? error.message : String(error));
      return;
    }
    this.#transport = transport;
  }

  /** The session is there; the connection counts as open from now on. */
  opened(): void {
    if (this.#state === 'closing' || this.#state === 'closed') return;
    clearTimeout(this.#handshake);
    this.#attempt = 0;
    this.#openedAtMs = performance.now();
    this.#set('open', null);
  }

  /** The server sends regularly, so from now on its silence means that the connection is dead. */
  expectTraffic(): void {
    if (this.#watched || this.#options.staleMs <= 0) return;
    this.#watched = true;
    this.#watch();
  }

  /** The server said why it is about to close. */
  announceClose(code: number, reason: string): void {
    this.#announced = { code, reason };
  }

  /** The server opens no session for what the hello asks: no more tries. */
  refused(code: number, reason: string): void {
    this.#end(code, reason);
  }

  sendMessage(message: Readonly<Record<string, unknown>>): void {
    this.#transport?.sendMessage(message);
  }

  sendBinary(bytes: Uint8Array<ArrayBuffer>): void {
    this.#transport?.sendBinary(bytes);
  }

  /** No more retries; with an open session the server has `graceMs` to say goodbye. Idempotent. */
  close(graceMs: number): void {
    if (this.#state === 'closing' || this.#state === 'closed') return;
    const wasOpen = this.#state === 'open';
    this.#set('closing', null);
    clearTimeout(this.#retry);
    clearTimeout(this.#handshake);
    if (!wasOpen || !this.#transport) return this.#ended(1000, '');
    this.#grace = setTimeout(() => this.#ended(1000, 'the server did not say goodbye in time'), graceMs);
  }

  #watch(): void {
    clearTimeout(this.#stale);
    const transport = this.#transport;
    this.#stale = setTimeout(() => {
      this.#end(ABNORMAL_CLOSURE, 'the server went silent');
      transport?.close(TIMEOUT_CLOSURE, 'silent');
    }, this.#options.staleMs);
  }

  #ended(code: number, reason: string, status?: number): void {
    if (this.#state === 'closed') return;
    for (const timer of [this.#retry, this.#grace, this.#handshake, this.#stale]) clearTimeout(timer);
    this.#watched = false;
    const transport = this.#transport;
    this.#transport = undefined;
    const failure = this.#failure(reason, status);
    const last = this.#announced ?? { code, reason: failure?.code ?? reason };
    this.#last = last;
    this.#announced = null;
    const { backoff } = this.#options;
    if (this.#state === 'open' || this.#state === 'closing') this.#handlers.lost();
    if (this.#state === 'open' && backoff) {
      const isBrief = performance.now() - this.#openedAtMs < backoff.maxMs;
      this.#brief = isBrief ? this.#brief + 1 : 0;
    }
    const mayComeBack = mayReconnect(last.code) || (last.code === CLOSE.idle && this.#options.isNeverIdle());
    const wanted = this.#state !== 'closing' && failure === null && mayComeBack;
    const retry = wanted && backoff && this.#attempt < backoff.attempts;
    if (!retry) {
      this.#set('closed', null);
      transport?.close(1000, '');
      if (failure !== null) this.#handlers.failed(failure);
      this.#handlers.closed(last.code, last.reason);
      return;
    }
    this.#attempt++;
    // A server that opens sessions and ends them at once is no better than one that opens none.
    const waitMs = patienceMs(last.code) + backoffMs(this.#attempt + Math.max(0, this.#brief - 1), backoff);
    this.#retry = setTimeout(() => this.start(), waitMs);
    this.#set('reconnecting', waitMs);
  }

  /** Why no further try is worth it; null where one is, or a connection was open before. */
  #failure(reason: string, status: number | undefined): ClientError | null {
    if (this.#reached || this.#state === 'closing') return null;
    const { backoff, url } = this.#options;
    const { origin, pathname } = new URL(url.replace(/^http/, 'ws'));
    const at = `${origin}${pathname}`;
    if (status !== undefined && isPermanent(status))
      return new ClientError(
        'connection_refused',
        `${at} opens no WebSocket, it answers ${status}; check the path and the access`,
      );
    const tries = this.#attempt + 1;
    if (backoff === null || tries <= Math.min(backoff.firstAttempts, backoff.attempts)) return null;
    const why = reason === '' ? '' : ` (${reason})`;
    const foreign = foreignOrigin(at);
    const takes = foreign === undefined ? '' : `, and that its UNDERTONE_ORIGINS names ${foreign}`;
    return new ClientError(
      'unreachable',
      `${at} gave no connection in ${tries} tries${why}; check the address, and that the server runs${takes}`,
    );
  }

  #set(state: ConnectionState, retryInMs: number | null): void {
    this.#state = state;
    this.#retryInMs = retryInMs;
    this.#handlers.status(this.status);
  }
}

/** The origin of this page or worker where it is another one than the server's; browsers do not tell who is refused for that. */
function foreignOrigin(url: string): string | undefined {
  const { location } = globalThis as { readonly location?: { readonly origin: string; readonly host: string } };
  return location === undefined || location.host === new URL(url).host ? undefined : location.origin;
}
