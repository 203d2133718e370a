import { randomBytes, randomUUID } from 'node:crypto';
import { CLOSE } from '../../pipeline/protocol/index.ts';
import { openSession } from '../../pipeline/session.ts';
import { Accounting } from './accounting.ts';
import { Credits } from './credits.ts';
import { Door } from './door.ts';
import { MessageRing } from './message-ring.ts';
import { makeProblem, problemMessage } from './problem-message.ts';
import { sessionInfo } from './session-info.ts';
import { Shadow } from './shadow.ts';
import { WarnLimit } from './warn-limit.ts';
import type { SentimentModel } from '../../models/model.ts';
import type { ModalityInput, PipelineInput, PipelineOutput, Problem, SentimentSession } from '../../pipeline/frames.ts';
import type { CloseCodeValue, ServerMessage, SessionTotals, SessionUpdate } from '../../pipeline/protocol/index.ts';
import type { ServerConfig } from '../config.ts';
import type { Logger } from '../log.ts';
import type { ServerMetrics } from '../metrics.ts';
import type { Audience } from './audience.ts';
import type { SessionInfo, SessionKeys } from './session-info.ts';

/** The connection that a session is attached to. */
export interface SessionClient {
  deliver(message: ServerMessage): void;
  /** The same for a message that may wait a little, to leave together with the next one. */
  deliverSoon(message: ServerMessage): void;
  /** Ends the connection after what was delivered. */
  close(code: CloseCodeValue, reason: string): void;
}

export interface SessionDeps {
  readonly model: SentimentModel;
  /** A second bundle that sees every session and is compared with the first. */
  readonly shadow?: SentimentModel | undefined;
  readonly config: ServerConfig;
  readonly metrics: ServerMetrics;
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
  /** How each modality was switched before the first media. */
  readonly #switches = new Map<string, ModalityInput>();
  readonly #warnings: WarnLimit;
  #wanted: SessionUpdate;
  #pipeline: SentimentSession;
  #shadow: Shadow | undefined;
  #unsubscribe: () => void;
  #client: SessionClient | undefined;
  #detachedMark = 0;
  #detachTimer: NodeJS.Timeout | undefined;
  #locked = false;
  #ended: Promise<void> | undefined;
  #counted: SessionTotals | undefined;

  constructor(deps: SessionDeps, wanted: SessionUpdate) {
    this.#deps = deps;
    this.#wanted = wanted;
    this.#door = new Door(deps.config, deps.config.maxMessageBytes, deps.now);
    this.#warnings = new WarnLimit(deps.now);
    this.#credits = new Credits(deps.config.creditFrames);
    const { resumeMessages: capacity, resumeMs, pingMs, pingMisses } = deps.config;
    // A connection may have been dead for so long before that is noticed and the time to resume begins.
    const unnoticedMs = pingMs * (pingMisses + 1);
    this.#ring = new MessageRing({ capacity, keepMs: resumeMs + unnoticedMs, now: deps.now });
    [this.#pipeline, this.#unsubscribe] = this.#open(wanted);
  }

  /** True after the first media; the options are then fixed. */
  get locked(): boolean {
    return this.#locked;
  }

  get attached(): boolean {
    return this.#client !== undefined;
  }

  get ending(): boolean {
    return this.#ended !== undefined;
  }

  info(): SessionInfo {
    return sessionInfo(this.#deps.model.info, this.#deps.config, this, this.#wanted);
  }

  /** The latest `modality.state` of each modality, for who joins late. */
  states(): ServerMessage[] {
    return [...this.#states.values()];
  }

  /** Makes `client` the one that is served, and greets it. */
  attach(client: SessionClient): void {
    this.#client = client;
    clearTimeout(this.#detachTimer);
    client.deliver({ type: 'session.created', ...this.info() });
    this.#credits.reset();
    this.#grant();
  }

  /**
   * Attaches the client that came back: the one before it is closed, what it missed is sent again.
   * `lastSeq` is the newest result that the client has; without it, it gets what came while nobody was attached.
   */
  resume(client: SessionClient, lastSeq: number | undefined): void {
    const superseded = this.#client;
    const mark = superseded ? this.#ring.mark() : this.#detachedMark;
    if (superseded) {
      superseded.deliver(makeProblem('error', 'superseded', 'the session was resumed elsewhere', { fatal: true }));
      superseded.close(CLOSE.superseded, 'superseded');
    }
    const missed = lastSeq === undefined ? this.#ring.since(mark) : this.#ring.after(lastSeq);
    this.attach(client);
    this.#deps.metrics.sessionResumed();
    if (!missed.complete) {
      const message = 'the oldest missed messages are no longer kept';
      client.deliver(makeProblem('warning', 'overloaded', message));
    }
    for (const message of missed.messages) client.deliver(message);
  }

  /** The connection is gone; the session waits for a resume. */
  detach(client: SessionClient): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    this.#detachedMark = this.#ring.mark();
    if (this.#ended) return;
    if (this.#deps.config.resumeMs === 0) void this.end(CLOSE.normal, 'disconnected');
    else this.#detachTimer = setTimeout(() => void this.end(CLOSE.idle, 'not resumed'), this.#deps.config.resumeMs);
  }

  /** Opens the pipeline anew with other options; only before media. */
  reconfigure(wanted: SessionUpdate): void {
    this.#unsubscribe();
    void this.#pipeline.close();
    void this.#shadow?.close();
    this.#wanted = wanted;
    [this.#pipeline, this.#unsubscribe] = this.#open(wanted);
    for (const input of this.#switches.values()) this.#pass(input);
    this.#emit({ type: 'session.updated', ...this.info() });
  }

  /** Takes one binary message. @returns 'over_quota' when it was dropped for that. */
  frame(message: Uint8Array): 'taken' | 'refused' | 'bad_header' | 'over_quota' {
    this.#credits.spend();
    const admission = this.#door.admit(message);
    if (!admission.ok) {
      const { code, message: text, quota, ref } = admission;
      this.#accounting.frameRefused(code);
      if (!quota) this.error(code, text, ref);
      else if (this.#warnings.may(code)) this.#emit(makeProblem('warning', code, text, { ref }));
      this.#settle();
      if (quota) return 'over_quota';
      return code === 'frame_header' ? 'bad_header' : 'refused';
    }
    const { seq, ptsMs, image } = admission.frame;
    this.#locked = true;
    const frame = { kind: 'frame', seq, ptsMs, image: { kind: 'image', bytes: image } } as const;
    this.#shadow?.push(frame);
    void this.#pipeline.push(frame).then(() => this.#settle());
    return 'taken';
  }

  /** Takes a caption, a switch or a sign of life. */
  push(input: Exclude<PipelineInput, { kind: 'frame' }>): void {
    if (input.kind === 'caption') this.#locked = true;
    if (input.kind === 'modality' && !this.#locked) this.#remember(input);
    this.#pass(input);
  }

  #pass(input: Exclude<PipelineInput, { kind: 'frame' }>): void {
    this.#shadow?.push(input);
    void this.#pipeline.push(input);
  }

  /** Keeps how a modality is switched, for the pipeline that other options may open. */
  #remember(input: ModalityInput): void {
    const { modality, state, loss } = input;
    if (!this.#deps.model.info.modalities.some(({ name }) => name === modality)) return;
    const before = this.#switches.get(modality);
    const merged = { state: state ?? before?.state, loss: loss === undefined ? before?.loss : loss };
    this.#switches.set(modality, { kind: 'modality', modality, ...merged });
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
    this.#ended ??= this.#end(code, reason);
    return this.#ended;
  }

  async #end(code: CloseCodeValue, reason: string): Promise<void> {
    clearTimeout(this.#detachTimer);
    const pipeline = this.#pipeline;
    await pipeline.close().catch((error: unknown) => this.#deps.log.error({ err: error }, 'session did not close'));
    this.#unsubscribe();
    void this.#shadow?.close();
    const totals = this.#accounting.merge(pipeline.totals());
    this.#count(totals);
    this.#emit({ type: 'session.closed', code, reason, totals });
    this.#client?.close(code, reason);
    this.#client = undefined;
    this.#deps.audience.end(this.id);
    this.#deps.metrics.sessionClosed(code);
    this.#deps.log.info({ session: this.id, code, reason, totals }, 'session ended');
    this.#deps.onEnded(this);
  }

  #open(wanted: SessionUpdate): [SentimentSession, () => void] {
    const { model, shadow, config, metrics } = this.#deps;
    const shared = {
      mode: 'live',
      latenessMs: config.latenessMs,
      ...(wanted.hop_ms === undefined ? {} : { hopMs: wanted.hop_ms }),
      ...(wanted.smoothing === undefined ? {} : { smoothing: wanted.smoothing }),
    } as const;
    // At the session's own rate, so that both predict for the same moments.
    if (shadow !== undefined)
      this.#shadow = new Shadow(shadow, { ...shared, hopMs: wanted.hop_ms ?? model.info.hopMs }, (...compared) =>
        metrics.shadowCompared(...compared),
      );
    const pipeline = openSession(model, {
      ...shared,
      ...(wanted.counterfactuals === undefined ? {} : { counterfactuals: wanted.counterfactuals }),
    });
    const subscription = pipeline.outputs.subscribe((output) => this.#onOutput(output));
    return [pipeline, () => subscription.unsubscribe()];
  }

  #onOutput(output: PipelineOutput): void {
    switch (output.type) {
      case 'metrics': {
        const merged = this.#accounting.merge(output);
        this.#count(merged);
        this.#emit(this.#shadow === undefined ? merged : { ...merged, shadow: this.#shadow.metrics() });
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
        this.#shadow?.said(output);
        this.#emit(output);
        break;
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
    if (message.type === 'error')
      this.#deps.log.debug({ session: this.id, code: message.code, request: message.request_id }, 'error sent');
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
