import { Caption, CLOSE, encodeFrame, ModalitySet } from '../../pipeline/protocol/index.ts';
import { toSnake } from './camel-case.ts';
import { CaptionSlot } from './caption-slot.ts';
import { ClientError } from './client-error.ts';
import { Connection } from './connection.ts';
import { describeIssues } from './describe-issues.ts';
import { Emitter } from './emitter.ts';
import { EventQueue } from './event-queue.ts';
import { checkFrame } from './frame-image.ts';
import { FrameSlot } from './frame-slot.ts';
import { helloOf } from './hello.ts';
import { parseMessage } from './parse-message.ts';
import { settingsOf } from './settings.ts';
import { Standstill } from './standstill.ts';
import type { CaptionSession } from './caption-slot.ts';
import type { ConnectionStatus } from './connection.ts';
import type { CaptionInput, ClientEvents, Closed, ModalityInput, Result, Revision, Session } from './events.ts';
import type { FrameImage } from './frame-image.ts';
import type { FrameCounts } from './frame-slot.ts';
import type { ConnectOptions } from './options.ts';
import type { ServerEvent, UnknownMessage } from './parse-message.ts';
import type { Settings } from './settings.ts';
import type { OpenTransport } from './transport/transport.ts';
import type { UndertoneClient } from './undertone-client.ts';

type Received = ServerEvent | UnknownMessage;

export class Client implements UndertoneClient {
  readonly #options: ConnectOptions;
  readonly #settings: Settings;
  readonly #connection: Connection;
  readonly #events = new Emitter<ClientEvents>();
  readonly #queues = new Set<Pick<EventQueue<Received, Received>, 'push' | 'end'>>();
  readonly #frames: FrameSlot;
  readonly #captions: CaptionSlot;
  readonly #modalities = new Map<string, Record<string, unknown>>();
  readonly #closed: Promise<Closed>;
  readonly #stop = new AbortController();
  readonly #standstill = new Standstill();
  #session: Session | undefined;
  #resume: string | undefined;
  #open = false;
  /** A finalize waits for the session. */
  #finalizes = false;
  #seq = 0;
  #newestSeq: number;
  #totals: Closed['totals'] = null;
  #keepalive: ReturnType<typeof setInterval> | undefined;
  #keptAliveMs = 0;

  constructor(options: ConnectOptions, open: OpenTransport) {
    const settings = settingsOf(options);
    this.#options = options;
    this.#settings = settings;
    this.#resume = options.resume;
    this.#newestSeq = options.lastSeq ?? -1;
    this.#captions = new CaptionSlot(settings.captionBuffer, (caption) => this.#connection.sendMessage(caption));
    this.#frames = new FrameSlot((image, ptsMs) =>
      this.#connection.sendBinary(encodeFrame({ seq: this.#seq++ % 2 ** 32, ptsMs, image })),
    );
    this.#closed = new Promise((resolve) => this.#events.on('closed', resolve));
    this.#connection = new Connection(
      {
        url: String(options.url),
        open,
        backoff: settings.backoff,
        handshakeMs: settings.handshakeMs,
        staleMs: settings.staleMs,
        known: options.resume !== undefined,
        isNeverIdle: () => this.#isNeverIdle(),
      },
      {
        hello: () => this.#hello(),
        message: (data) => this.#receive(parseMessage(data)),
        lost: () => this.#lost(),
        status: (status) => this.#events.emit('connection', status),
        failed: ({ code, message }) =>
          this.#events.emit('error', { type: 'error', code, message, fatal: true, requestId: '' }),
        closed: (code, reason) => this.#end(code, reason),
      },
    );
    const abort = (): void => void this.close();
    if (options.signal?.aborted) queueMicrotask(abort);
    options.signal?.addEventListener('abort', abort, { signal: this.#stop.signal });
    this.#connection.start();
  }

  get session(): Session | undefined {
    return this.#session;
  }

  get connection(): ConnectionStatus {
    return this.#connection.status;
  }

  get frames(): FrameCounts {
    return this.#frames.counts;
  }

  get captionsDropped(): number {
    return this.#captions.dropped;
  }

  get wantsFrame(): boolean {
    return this.#frames.free;
  }

  sendFrame(image: FrameImage, ptsMs: number): void {
    checkFrame(image, ptsMs, this.#session?.limits.maxMessageBytes);
    this.#frames.offer(image, Math.round(ptsMs));
  }

  sendCaption(caption: CaptionInput): void {
    const { startMs, endMs } = caption;
    const times = { startMs: Math.round(startMs), endMs: Math.round(endMs) };
    const parsed = Caption.safeParse(toSnake({ type: 'caption', ...caption, ...times }));
    if (!parsed.success) throw new ClientError('bad_caption', describeIssues(parsed.error.issues));
    this.#captions.offer(parsed.data);
  }

  setModality(name: string, change: ModalityInput): void {
    const parsed = ModalitySet.safeParse(toSnake({ type: 'modality.set', modality: name, ...change }));
    if (!parsed.success) throw new ClientError('bad_modality', describeIssues(parsed.error.issues));
    this.#modalities.set(name, { ...this.#modalities.get(name), ...parsed.data });
    if (this.#open) this.#connection.sendMessage(parsed.data);
  }

  finalize(): void {
    this.#finalizes = !this.#open;
    if (this.#open) this.#frames.after(() => this.#connection.sendMessage({ type: 'finalize' }));
  }

  keepalive(): void {
    if (!this.#open) return;
    this.#keptAliveMs = performance.now();
    this.#connection.sendMessage({ type: 'keepalive' });
  }

  close(): Promise<Closed> {
    if (this.#open) this.#frames.after(() => this.#connection.sendMessage({ type: 'session.close' }));
    this.#open = false;
    this.#frames.stop();
    this.#captions.end();
    this.#connection.close(this.#settings.closeMs);
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  on<Name extends keyof ClientEvents>(name: Name, listener: (event: ClientEvents[Name]) => void): () => void {
    return this.#events.on(name, listener);
  }

  messages(): EventQueue<Received, Received> {
    return this.#queue((_event): _event is Received => true);
  }

  results(): EventQueue<Received, Result | Revision> {
    return this.#queue((event) => event.type === 'sentiment.result' || event.type === 'sentiment.revised');
  }

  #queue<Item extends Received>(wants: (event: Received) => event is Item): EventQueue<Received, Item> {
    const queue = new EventQueue(this.#settings.eventBuffer, wants, () => this.#queues.delete(queue));
    if (this.connection.state === 'closed') queue.end();
    else this.#queues.add(queue);
    return queue;
  }

  #hello(): void {
    // Media time has gone on without the clock of what this client is given: all of it would be too late.
    const isLate = this.#session !== undefined && this.#standstill.totalMs() > this.#session.windowMs;
    const resume = isLate ? undefined : this.#resume;
    const known = this.#session !== undefined || this.#options.lastSeq !== undefined;
    const lastSeq = resume !== undefined && known ? this.#newestSeq : undefined;
    this.#connection.sendMessage(helloOf({ ...this.#options, resume, lastSeq }));
  }

  #receive(event: Received): void {
    this.#standstill.look();
    this.#keepAlive();
    if (event.type === 'sentiment.result' || event.type === 'sentiment.revised') {
      // A resumed session may repeat what was on its way when the connection was lost.
      if (event.seq <= this.#newestSeq) return;
      this.#newestSeq = event.seq;
    }
    for (const queue of this.#queues) queue.push(event);
    switch (event.type) {
      case 'session.created':
      case 'session.updated':
        return this.#opened(event);
      case 'credit':
        return this.#frames.grant(event.frames);
      case 'sentiment.result':
        return this.#events.emit('result', event);
      case 'sentiment.revised':
        return this.#events.emit('revised', event);
      case 'modality.state':
        return this.#events.emit('modality', event);
      case 'modality.reunion':
        return this.#events.emit('reunion', event);
      case 'metrics':
        this.#connection.expectTraffic();
        this.#captions.count(event.captions);
        return this.#events.emit('metrics', event);
      case 'warning':
        return this.#events.emit('warning', event);
      case 'error': {
        // A resume token that the server refuses is not tried again: the next session is a new one. Of a hello that came too
        // late it has not seen the token.
        if (event.fatal && !this.#open && event.code !== 'hello_timeout') this.#resume = undefined;
        this.#events.emit('error', event);
        const { state } = this.connection;
        // An answer to the hello, which another try would say again.
        if (!event.fatal && (state === 'connecting' || state === 'reconnecting'))
          this.#connection.refused(CLOSE.badMessage, event.code);
        return;
      }
      case 'session.closed':
        this.#totals = event.totals;
        this.#captions.count(event.totals.captions);
        return this.#connection.announceClose(event.code, event.reason);
      case 'unknown':
        return this.#events.emit('unknown', event);
    }
  }

  #opened(event: Session | Omit<Session, 'resumed'>): void {
    const before = this.#session;
    const resumed = this.#open || (before ? before.sessionId === event.sessionId : event.resumeToken === this.#resume);
    // A session whose token came with the options has perhaps counted captions that this client knows nothing of.
    const counted = before ? this.#captions.most : undefined;
    const session = { ...event, resumed } as Session;
    this.#session = session;
    this.#resume = event.resumeToken;
    if (!this.#open)
      this.#begin(resumed, {
        most: resumed ? counted : 0,
        // Media time of a new session would begin with the oldest, and what is far ahead of it is refused.
        maxAgeMs: before && !resumed ? event.windowMs : Infinity,
      });
    this.#events.emit('session', session);
  }

  /** Brings a session to where the user of this client wants it. */
  #begin(resumed: boolean, captions: CaptionSession): void {
    if (!resumed) {
      this.#seq = 0;
      this.#newestSeq = -1;
      this.#standstill.reset();
    }
    this.#open = true;
    this.#totals = null;
    this.#frames.connect();
    this.#connection.opened();
    for (const message of this.#modalities.values()) this.#connection.sendMessage(message);
    this.#captions.connect(captions);
    if (this.#finalizes) this.finalize();
    this.#keptAliveMs = performance.now();
    if (this.#everyMs > 0) this.#keepalive = setInterval(() => this.keepalive(), this.#everyMs);
  }

  get #everyMs(): number {
    return this.#settings.keepaliveMs;
  }

  /** Where the timer does not: in a hidden tab it runs once a minute. */
  #keepAlive(): void {
    if (this.#everyMs > 0 && performance.now() - this.#keptAliveMs > 1.5 * this.#everyMs) this.keepalive();
  }

  /** True where the server can have heard nothing for too long only because this client stood still, as in a tab that was frozen. */
  #isNeverIdle(): boolean {
    return this.#everyMs > 0 && this.#session !== undefined && this.#everyMs < this.#session.limits.idleMs;
  }

  #lost(): void {
    this.#open = false;
    this.#frames.disconnect();
    this.#captions.disconnect();
    clearInterval(this.#keepalive);
  }

  #end(code: number, reason: string): void {
    this.#stop.abort();
    this.#captions.end();
    this.#events.emit('closed', { code, reason, totals: this.#totals });
    for (const queue of this.#queues) queue.end();
    this.#queues.clear();
  }
}
