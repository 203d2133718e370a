import { randomBytes, randomUUID } from 'node:crypto';
import { CLOSE } from '../../pipeline/protocol/index.ts';
import { Accounting } from './accounting.ts';
import { Credits } from './credits.ts';
import { Door, type FrameQuota } from './door.ts';
import { MessageRing } from './message-ring.ts';
import { type ProblemMessage, logProblem, makeProblem, problemMessage } from './problem-message.ts';
import { sessionInfo } from './session-info.ts';
import { SessionPipeline } from './session-pipeline.ts';
import { WarnLimit } from './warn-limit.ts';
import type { PipelineInput, PipelineOutput, Problem } from '../../pipeline/frames.ts';
import type {
  CloseCodeValue,
  Metrics,
  ServerMessage,
  SessionTotals,
  SessionUpdate,
} from '../../pipeline/protocol/index.ts';
import type { Logger } from '../log.ts';
import type { Audience } from './audience.ts';
import type { SessionInfo, SessionKeys } from './session-info.ts';
import type { SessionPipelineDeps } from './session-pipeline.ts';

/** The connection that a session is attached to. */
export interface SessionClient {
  deliver(message: ServerMessage): void;
  /** The same for a message that may wait a little, to leave together with the next one. */
  deliverSoon(message: ServerMessage): void;
  /** The same for a message that was made for the connection before. */
  deliverAgain(message: ServerMessage): void;
  /** Drops what was delivered again and has not left. @returns how many messages, the last of those */
  dropAgain(): number;
  /** Ends the connection after what was delivered. */
  close(code: CloseCodeValue, reason: string): void;
}

export interface SessionDeps extends SessionPipelineDeps {
  readonly log: Logger;
  readonly audience: Audience;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Called once, when the session has ended. */
  readonly onEnded: (session: LiveSession) => void;
}

/**
 * One person's session: the pipeline's session, its accounting and its newest messages. It outlives a connection by
 * `resumeMs`; whoever holds the resume token attaches again.
 */
export class LiveSession implements SessionKeys {
  readonly id = randomUUID();
  readonly resumeToken = randomBytes(24).toString('base64url');
  readonly observeToken = randomBytes(24).toString('base64url');
  readonly #deps: SessionDeps;
  readonly #door: Door;
  readonly #credits: Credits;
  readonly #ring: MessageRing;
  readonly #accounting = new Accounting();
  readonly #states = new Map<string, ServerMessage>();
  readonly #warnings: WarnLimit;
  readonly #pipeline: SessionPipeline;
  #wanted: SessionUpdate;
  #client: SessionClient | undefined;
  #leftMark = 0;
  #resumedMark = 0;
  #detachedMs: number | undefined;
  #detachTimer: NodeJS.Timeout | undefined;
  #ended: Promise<void> | undefined;
  #counted: SessionTotals | undefined;
  #metrics: Metrics | undefined;
  #abandoned = false;

  constructor(deps: SessionDeps, wanted: SessionUpdate) {
    this.#deps = deps;
    this.#wanted = wanted;
    this.#door = new Door(deps.config, deps.now);
    this.#warnings = new WarnLimit(deps.now);
    this.#credits = new Credits(deps.config.creditFrames);
    const { resumeMessages: capacity, resumeMs, pingMs, pingMisses } = deps.config;
    // A connection may have been dead for so long before that is noticed and the time to resume begins.
    const unnoticedMs = pingMs * (pingMisses + 1);
    this.#ring = new MessageRing({ capacity, keepMs: resumeMs + unnoticedMs, now: deps.now });
    this.#pipeline = new SessionPipeline(deps, wanted, (output) => this.#onOutput(output));
  }

  /** True after the first media; the options are then fixed. */
  get locked(): boolean {
    return this.#pipeline.locked;
  }

  get attached(): boolean {
    return this.#client !== undefined;
  }

  /** Since when it waits for its client; undefined while it has one. */
  get detachedMs(): number | undefined {
    return this.#detachedMs;
  }

  get ending(): boolean {
    return this.#ended !== undefined;
  }

  info(): SessionInfo {
    return sessionInfo(this.#deps.model.info, this.#deps.config, this, this.#wanted);
  }

  /** What was counted so far. */
  totals(): SessionTotals {
    return this.#accounting.merge(this.#pipeline.totals());
  }

  /** The latest `modality.state` of each modality, for who joins late. */
  states(): ServerMessage[] {
    return [...this.#states.values()];
  }

  /** Makes `client` the one that is served, and greets it. */
  attach(client: SessionClient): void {
    this.#client = client;
    this.#detachedMs = undefined;
    clearTimeout(this.#detachTimer);
    client.deliver({ type: 'session.created', ...this.info() });
    this.#credits.reset();
    this.#grant();
  }

  /**
   * Attaches the client that came back: the one before it is closed, what it missed is sent again.
   * `lastSeq` is the newest result that the client has; without it, it gets what came while nobody was attached, and what
   * came since the first of these that had not left.
   */
  resume(client: SessionClient, lastSeq: number | undefined): void {
    const superseded = this.#client;
    if (superseded) {
      this.#leave(superseded);
      this.#tell(superseded, makeProblem('error', 'superseded', 'the session was resumed elsewhere', { fatal: true }));
      superseded.close(CLOSE.superseded, 'superseded');
    }
    const missed = lastSeq === undefined ? this.#ring.since(this.#leftMark) : this.#ring.after(lastSeq);
    this.attach(client);
    this.#deps.metrics.sessionResumed();
    if (!missed.complete) {
      const message = 'the oldest missed messages are no longer kept';
      this.#tell(client, makeProblem('warning', 'overloaded', message));
    }
    this.#resumedMark = this.#ring.mark();
    for (const message of missed.messages) client.deliverAgain(message);
    // What is counted before anything comes over this connection tells its client what arrived over the one before.
    if (this.#metrics) client.deliver({ ...this.#metrics, ...this.totals() });
  }

  /** The connection is gone; the session waits for a resume. @returns false where it was not, or no more, that connection's */
  detach(client: SessionClient): boolean {
    if (this.#client !== client) return false;
    this.#client = undefined;
    this.#leave(client);
    this.#detachedMs = this.#deps.now();
    if (this.#ended) return true;
    if (this.#deps.config.resumeMs === 0) void this.end(CLOSE.normal, 'disconnected');
    else this.#detachTimer = setTimeout(() => void this.end(CLOSE.idle, 'not resumed'), this.#deps.config.resumeMs);
    return true;
  }

  /**
   * The next connection goes on here, or before what this one was sent again and has not left. It is dropped: a client that
   * resumes again and again and never reads would have the kernel and the transport hold it all each time.
   */
  #leave(client: SessionClient): void {
    const unsent = client.dropAgain();
    this.#leftMark = unsent > 0 ? this.#resumedMark - unsent : this.#ring.mark();
  }

  /** Goes on with other options; only before media. */
  reconfigure(wanted: SessionUpdate): void {
    this.#wanted = wanted;
    // Before media a pipeline has counted nothing else.
    this.#accounting.errors += this.#pipeline.totals().errors;
    this.#pipeline.reopen(wanted);
    this.#emit({ type: 'session.updated', ...this.info() });
  }

  /** Takes one binary message. @returns the quota when it was dropped for that */
  frame(message: Uint8Array): 'taken' | 'refused' | 'bad_header' | FrameQuota {
    this.#credits.spend();
    const admission = this.#door.admit(message);
    if (!admission.ok) {
      const { code, message: text, ref } = admission;
      this.#accounting.frameRefused(code);
      if (!admission.quota) this.error(code, text, ref);
      else if (this.#warnings.may(code)) this.#emit(makeProblem('warning', code, text, { ref }));
      this.#settle();
      if (admission.quota) return admission.code;
      return code === 'frame_header' ? 'bad_header' : 'refused';
    }
    const { seq, ptsMs, image } = admission.frame;
    const frame = { kind: 'frame', seq, ptsMs, image: { kind: 'image', bytes: image } } as const;
    void this.#pipeline.push(frame).then(() => this.#settle());
    return 'taken';
  }

  /** Takes a caption, a switch or a sign of life. */
  push(input: Exclude<PipelineInput, { kind: 'frame' }>): void {
    void this.#pipeline.push(input);
  }

  /** Sends and counts an error that is not the pipeline's. */
  error(code: Problem['code'], message: string, ref?: string | number, fatal = false): void {
    this.#accounting.errors++;
    this.#emit(makeProblem('error', code, message, { fatal, ref }));
  }

  warn(code: Problem['code'], message: string): void {
    this.#emit(makeProblem('warning', code, message));
  }

  finalize(): Promise<void> {
    return this.#pipeline.finalize();
  }

  /** Finalizes, says `session.closed`, ends the connection and the pipeline. Idempotent; never rejects. */
  end(code: CloseCodeValue, reason: string): Promise<void> {
    // What fails while it ends, perhaps at once, finds that it has begun to.
    this.#ended ??= Promise.resolve().then(() => this.#end(code, reason));
    return this.#ended;
  }

  /**
   * Waits for nothing any more: what still comes of it is told to nobody, and that its model is closed before it has
   * finished is no failure.
   */
  abandon(): void {
    this.#abandoned = true;
  }

  async #end(code: CloseCodeValue, reason: string): Promise<void> {
    clearTimeout(this.#detachTimer);
    const { audience, log, metrics } = this.#deps;
    await this.#pipeline.close().catch((error: unknown) => log.error({ err: error }, 'session did not close'));
    const totals = this.totals();
    this.#count(totals);
    this.#emit({ type: 'session.closed', code, reason, totals });
    this.#client?.close(code, reason);
    this.#client = undefined;
    audience.end(this.id);
    metrics.sessionClosed(code);
    log.info({ session: this.id, code, reason, totals }, 'session ended');
    this.#deps.onEnded(this);
  }

  #onOutput(output: PipelineOutput): void {
    if (this.#abandoned) return;
    switch (output.type) {
      case 'metrics': {
        const merged = this.#accounting.merge(output);
        this.#count(merged);
        this.#metrics = merged;
        this.#emit(merged);
        break;
      }
      case 'warning':
      case 'error':
        this.#emit(problemMessage(output));
        if (output.fatal) void this.end(CLOSE.internal, 'internal');
        break;
      case 'modality.state':
        this.#states.set(output.modality, output);
        this.#emit(output);
        break;
      case 'sentiment.result':
      case 'sentiment.revised':
      case 'modality.reunion':
        this.#emit(output);
    }
  }

  #emit(message: ServerMessage): void {
    this.#deps.metrics.message(message);
    if (message.type === 'metrics') this.#client?.deliverSoon(message);
    else {
      this.#client?.deliver(message);
      this.#ring.push(message);
    }
    this.#deps.audience.publish(this.id, message);
    if (message.type === 'error' || message.type === 'warning') logProblem(this.#deps.log, message, this.id);
  }

  /** A problem of one connection, not of the session. */
  #tell(client: SessionClient, message: ProblemMessage): void {
    this.#deps.metrics.message(message);
    logProblem(this.#deps.log, message, this.id);
    client.deliver(message);
  }

  /** A frame needs nothing more. */
  #settle(): void {
    this.#credits.settle();
    this.#grant();
  }

  #grant(): void {
    if (!this.#client || this.#ended) return;
    // A client that can send a frame already does not wait for more credit.
    const waits = this.#credits.held === 0;
    const frames = this.#credits.grant();
    if (frames === 0) return;
    if (waits) this.#client.deliver({ type: 'credit', frames });
    else this.#client.deliverSoon({ type: 'credit', frames });
  }

  #count(totals: SessionTotals): void {
    this.#deps.metrics.totals(this.#counted, totals);
    this.#counted = totals;
  }
}
