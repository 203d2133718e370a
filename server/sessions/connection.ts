import { CLOSE, parseClientMessage } from '../../pipeline/protocol/index.ts';
import { answerHello, type Caller, DRAINING } from './answer-hello.ts';
import { Companions } from './companions.ts';
import { Outbox } from './outbox.ts';
import { type ProblemMessage, logProblem, makeProblem } from './problem-message.ts';
import { isServed } from './session-info.ts';
import { isShallowJson } from './shallow-json.ts';
import { TokenBucket } from '../../pipeline/token-bucket.ts';
import type {
  ClientMessage,
  CloseCodeValue,
  ErrorCode,
  ServerMessage,
  SessionUpdate,
} from '../../pipeline/protocol/index.ts';
import type { ConnectionDeps } from './connection-deps.ts';
import type { FrameQuota } from './door.ts';
import type { LiveSession, SessionClient } from './live-session.ts';
import type { SessionTransport } from './transport.ts';

const MINUTE_S = 60;

/**
 * The protocol of one connection, the same for ws and socket.io: the hello, what may come when, limits, and the ending.
 * A bad message is answered and counted, and the session goes on; too many end it.
 */
export class SessionConnection implements SessionClient {
  readonly #deps: ConnectionDeps;
  readonly #transport: SessionTransport;
  readonly #caller: Caller;
  readonly #outbox: Outbox;
  readonly #companions: Companions;
  readonly #bad: TokenBucket;
  readonly #overQuota: TokenBucket;
  readonly #messages: TokenBucket;
  /** Messages of a resume: the times in them are of long ago. */
  readonly #again = new WeakSet<ServerMessage>();
  readonly #helloTimer: NodeJS.Timeout;
  #idleTimer: NodeJS.Timeout | undefined;
  #session: LiveSession | undefined;
  #closed = false;
  #observing = false;

  constructor(deps: ConnectionDeps, transport: SessionTransport, caller: Caller) {
    const { config, now } = deps;
    this.#deps = deps;
    this.#transport = transport;
    this.#caller = caller;
    this.#outbox = new Outbox(transport, config, {
      overflow: () => this.#overflow(),
      sent: (message, times) => {
        deps.metrics.sent(transport.kind, times);
        if (this.#again.has(message)) return;
        deps.tracing?.sent(message, times, { session: this.#session?.id, transport: transport.kind });
      },
      coalesced: () => deps.metrics.messageCoalesced(),
    });
    this.#companions = new Companions((message) => this.#outbox.send(message));
    this.#bad = new TokenBucket(config.maxBadMessages, config.maxBadMessages / MINUTE_S, now);
    this.#overQuota = new TokenBucket(config.maxQuotaDrops, config.maxQuotaDrops / MINUTE_S, now);
    this.#messages = new TokenBucket(2 * config.maxMessagesPerS, config.maxMessagesPerS, now);
    this.#helloTimer = setTimeout(
      () => this.#fail('hello_timeout', `send session.update within ${config.helloMs} ms`, CLOSE.noHello),
      config.helloMs,
    );
    deps.connections.add(this);
    this.drain();
  }

  /** Ends a connection that waits for its hello when the server drains; sessions end themselves and their observers. */
  drain(): void {
    if (this.#deps.registry.draining && !this.#session && !this.#observing)
      this.#fail(DRAINING.code, DRAINING.message, DRAINING.closeCode);
  }

  deliver(message: ServerMessage): void {
    this.#companions.now(message);
  }

  deliverSoon(message: ServerMessage): void {
    this.#companions.soon(message);
  }

  deliverAgain(message: ServerMessage): void {
    this.#again.add(message);
    this.#companions.flush();
    this.#outbox.sendAgain(message);
  }

  dropAgain(): number {
    return this.#outbox.dropAgain();
  }

  close(code: CloseCodeValue, reason: string): void {
    if (this.#closed) return;
    this.#release();
    this.#companions.flush();
    this.#outbox.close();
    this.#transport.close(code, reason, this.#session?.totals());
  }

  /** A text message, with its length on the wire. */
  onText(text: string, byteLength: number): void {
    if (this.#mayRead()) this.#read(text, byteLength);
  }

  /** A message that the transport has parsed already. */
  onValue(value: unknown): void {
    if (!this.#mayRead()) return;
    if (!isShallowJson(value)) return this.#refuse('bad_message', 'a message is JSON, at most 8 levels deep');
    this.#read(value, Buffer.byteLength(JSON.stringify(value) ?? ''));
  }

  /** A binary message. */
  onFrame(message: Uint8Array): void {
    if (this.#ending()) return;
    this.#idleTimer?.refresh();
    if (!this.#session) return this.#refuse('not_configured', 'send session.update before frames');
    const outcome = this.#session.frame(message);
    if (outcome === 'bad_header') this.#countBad();
    if (outcome === 'quota_frames' || outcome === 'quota_bytes') this.#countOverQuota(outcome);
  }

  /** A message that is neither of these. */
  onUnreadable(message: string): void {
    if (this.#mayRead()) this.#refuse('bad_message', message);
  }

  /** The transport is gone. A client that ended the connection on purpose does not come back. */
  onClosed(onPurpose: boolean): void {
    this.#release();
    this.#outbox.stop();
    this.#companions.flush();
    const session = this.#session;
    this.#session = undefined;
    if (!session) return;
    // The session of a connection that was superseded is another one's, which may come back for it.
    const left = session.detach(this);
    if (onPurpose && left) void session.end(CLOSE.normal, 'the client left');
  }

  /** Stops waiting for a hello, as this connection only watches. @returns false when it has a session. */
  becomeObserver(): boolean {
    if (this.#session || this.#closed) return false;
    this.#observing = true;
    clearTimeout(this.#helloTimer);
    return true;
  }

  #ending(): boolean {
    return this.#closed || this.#session?.ending === true;
  }

  #release(): void {
    this.#closed = true;
    this.#deps.connections.delete(this);
    clearTimeout(this.#helloTimer);
    clearTimeout(this.#idleTimer);
  }

  #mayRead(): boolean {
    if (this.#ending()) return false;
    this.#idleTimer?.refresh();
    if (this.#messages.take()) return true;
    this.#refuse(
      'quota_messages',
      `at most ${this.#deps.config.maxMessagesPerS} messages a second; this one was not read`,
    );
    this.#countOverQuota('quota_messages');
    return false;
  }

  /** Takes JSON text, or a value that the transport has parsed, with its length as JSON. */
  #read(input: unknown, byteLength: number): void {
    const { maxJsonBytes } = this.#deps.config;
    if (byteLength > maxJsonBytes)
      return this.#refuse('message_too_big', `a JSON message is at most ${maxJsonBytes} bytes; send a shorter one`);
    const parsed = parseClientMessage(input);
    if (!parsed.ok) return this.#refuse(parsed.code, parsed.message, parsed.ref);
    if (parsed.message.type === 'session.update') return this.#onUpdate(parsed.message);
    if (!this.#session) return this.#refuse('not_configured', `send session.update before ${parsed.message.type}`);
    this.#onMessage(this.#session, parsed.message);
  }

  #onMessage(session: LiveSession, message: Exclude<ClientMessage, SessionUpdate>): void {
    switch (message.type) {
      case 'caption':
        session.push({ kind: 'caption', caption: message });
        break;
      case 'modality.set':
        session.push({ kind: 'modality', modality: message.modality, state: message.state, loss: message.loss });
        break;
      case 'keepalive':
        session.push({ kind: 'keepalive' });
        break;
      case 'finalize':
        void session.finalize();
        break;
      case 'session.close':
        void session.end(CLOSE.normal, 'the client closed the session');
        break;
    }
  }

  #onUpdate(update: SessionUpdate): void {
    const { info } = this.#deps;
    if (!isServed(info, update.bundle))
      return this.#refuse(
        'unknown_bundle',
        `this server has ${info.name}@${info.version}; ask for that one or for none`,
      );
    if (this.#session) return this.#reconfigure(this.#session, update);
    const answer = answerHello(this.#deps, update, this.#caller);
    if ('closeCode' in answer) return this.#fail(answer.code, answer.message, answer.closeCode);
    const { session, resumed } = answer;
    if (update.resume !== undefined && !resumed)
      this.#tell(makeProblem('warning', 'no_such_session', 'there is nothing to resume; this is a new session'));
    this.#begin(session);
    if (resumed) {
      session.resume(this, update.last_seq);
      this.#deps.log.info({ session: session.id }, 'session resumed');
    } else {
      session.attach(this);
      this.#deps.metrics.sessionOpened(this.#transport.kind);
      this.#deps.log.info({ session: session.id, transport: this.#transport.kind }, 'session opened');
    }
  }

  #reconfigure(session: LiveSession, update: SessionUpdate): void {
    if (update.resume !== undefined)
      this.#refuse('bad_message', 'resume opens a session; this one is open: resume on a new connection');
    else if (session.locked)
      this.#refuse('locked', 'options are fixed after the first frame or caption; open another session');
    else session.reconfigure(update);
  }

  #begin(session: LiveSession): void {
    clearTimeout(this.#helloTimer);
    this.#session = session;
    const { idleMs } = this.#deps.config;
    this.#idleTimer = setTimeout(
      () => this.#fail('idle', `nothing came for ${idleMs} ms; send keepalive`, CLOSE.idle),
      idleMs,
    );
  }

  /** Answers a bad message and goes on, unless there were too many. */
  #refuse(code: ErrorCode, message: string, ref?: string | number): void {
    if (this.#session) this.#session.error(code, message, ref);
    else this.#error(code, message, false, ref);
    if (code !== 'quota_messages') this.#countBad();
  }

  #countBad(): void {
    if (this.#bad.take()) return;
    this.#fail('bad_message', 'too many bad messages; mend what the errors before this one tell', CLOSE.badMessage);
  }

  #countOverQuota(code: FrameQuota | 'quota_messages'): void {
    if (this.#overQuota.take()) return;
    this.#fail(code, 'far over the limits for too long; send less', CLOSE.quota);
  }

  /** Says why, and ends the session if there is one, else the connection. */
  #fail(code: ErrorCode, message: string, closeCode: CloseCodeValue): void {
    if (this.#ending()) return;
    if (this.#session) {
      this.#session.error(code, message, undefined, true);
      void this.#session.end(closeCode, code);
      return;
    }
    this.#error(code, message, true);
    this.close(closeCode, code);
  }

  #error(code: ErrorCode, message: string, fatal: boolean, ref?: string | number): void {
    this.#tell(makeProblem('error', code, message, { fatal, ref }));
  }

  #tell(problem: ProblemMessage): void {
    this.#deps.metrics.message(problem);
    logProblem(this.#deps.log, problem);
    this.deliver(problem);
  }

  #overflow(): void {
    this.#deps.log.warn({ transport: this.#transport.kind }, 'client reads too slowly, connection cut');
    this.#transport.close(CLOSE.quota, 'quota_bytes', this.#session?.totals());
  }
}
