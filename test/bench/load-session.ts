import { WebSocket } from 'ws';
import { random } from '../../models/random.ts';
import { encodeFrame, SessionTotals } from '../../pipeline/protocol/index.ts';
import type { Random } from '../../models/random.ts';
import type { LoadMaterial } from './load-frames.ts';
import { pause } from './pause.ts';
import { FRAMES_PER_S } from './plan.ts';

const EVERY_MS = 1000 / FRAMES_PER_S;
/** Frames between captions. */
const CAPTION_EVERY = 16;
const CAPTION_MS = 1500;
const OPEN_MS = 10_000;

/** A frame without the result that first saw it, or a newer one. */
interface Unanswered {
  readonly ptsMs: number;
  readonly sentMs: number;
}

/** What a session tells of its frames, with the time of sending and the time since. */
export interface LoadEvents {
  /** A result's newest observed frame is this one or a later one. */
  readonly seen: (sentMs: number, latencyMs: number) => void;
  /** A result's window ends with this frame or later, whatever it was made from. */
  readonly reached: (sentMs: number, latencyMs: number) => void;
}

/**
 * One client over plain ws: a frame every 250 ms, on time whatever comes back, a caption every 4 s. Of each frame, the
 * latency is the time from its sending to the first result whose newest observed frame is this one or a later one.
 */
export class LoadSession {
  readonly #socket: WebSocket;
  readonly #material: LoadMaterial;
  readonly #draw: Random;
  readonly #on: LoadEvents;
  #unanswered: Unanswered[] = [];
  #unreached: Unanswered[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sent = 0;
  #results = 0;
  #captions = 0;
  #startMs = 0;
  #totals: SessionTotals | undefined;
  #created = false;
  readonly #offset: number;

  constructor(url: string, index: number, material: LoadMaterial, on: LoadEvents) {
    this.#material = material;
    this.#draw = random('bench session', index);
    this.#offset = this.#draw.int(material.images.length * CAPTION_EVERY);
    this.#on = on;
    this.#socket = new WebSocket(`${url.replace('http', 'ws')}/v1/stream`, { perMessageDeflate: false });
    this.#socket.on('message', (data: Buffer) => this.#receive(data.toString('utf8')));
    // What follows an error is the close, which `lost` tells.
    this.#socket.on('error', () => undefined);
  }

  get sent(): number {
    return this.#sent;
  }

  /** Captions sent so far. */
  get captions(): number {
    return this.#captions;
  }

  /** Results received so far. */
  get results(): number {
    return this.#results;
  }

  get totals(): SessionTotals | undefined {
    return this.#totals;
  }

  /** True when the server has ended the session, or never opened it. */
  get lost(): boolean {
    return !this.#created || this.#socket.readyState !== WebSocket.OPEN;
  }

  /** Sending times of frames that no result has seen. */
  get unanswered(): readonly Unanswered[] {
    return this.#unanswered;
  }

  /** Sending times of frames without any result as late as they are. */
  get unreached(): readonly Unanswered[] {
    return this.#unreached;
  }

  /** Resolves when the session is open, or when it is clear that it will not be. */
  async open(): Promise<void> {
    this.#socket.once('open', () => this.#send({ type: 'session.update', protocol: 1 }));
    await this.#until(() => this.#created, OPEN_MS);
  }

  /** Begins to send at a random moment of the next 250 ms. */
  start(): void {
    this.#startMs = performance.now() + this.#draw.uniform() * EVERY_MS;
    this.#next();
  }

  /** Stops sending; resolves with the server's totals in, or after `limitMs` without. */
  async close(limitMs: number): Promise<void> {
    clearTimeout(this.#timer);
    if (!this.lost) this.#send({ type: 'session.close' });
    await this.#until(() => this.#totals !== undefined, limitMs);
    this.#socket.terminate();
  }

  #next(): void {
    const dueMs = this.#startMs + this.#sent * EVERY_MS;
    this.#timer = setTimeout(() => this.#tick(), Math.max(0, dueMs - performance.now()));
  }

  #tick(): void {
    if (this.lost) return;
    const { images, captions } = this.#material;
    const turn = this.#offset + this.#sent;
    const ptsMs = this.#sent * EVERY_MS;
    const image = images[turn % images.length];
    if (image !== undefined) this.#socket.send(encodeFrame({ seq: this.#sent, ptsMs, image }));
    const frame = { ptsMs, sentMs: performance.now() };
    this.#unanswered.push(frame);
    this.#unreached.push(frame);
    this.#sent++;
    if (turn % CAPTION_EVERY === 0) {
      this.#captions++;
      this.#send({
        type: 'caption',
        segment_id: String(turn),
        revision: 0,
        text: captions[(turn / CAPTION_EVERY) % captions.length],
        is_final: true,
        start_ms: Math.max(0, ptsMs - CAPTION_MS),
        end_ms: ptsMs,
      });
    }
    this.#next();
  }

  #receive(text: string): void {
    const message = JSON.parse(text) as { type: string; pts_ms: number; totals?: unknown; modalities?: Seen };
    if (message.type === 'sentiment.result') this.#answered(message.pts_ms, message.modalities);
    else if (message.type === 'session.created') this.#created = true;
    else if (message.type === 'session.closed') this.#totals = SessionTotals.parse(message.totals);
  }

  #answered(ptsMs: number, modalities: Seen = {}): void {
    this.#results++;
    const nowMs = performance.now();
    for (let first = this.#unreached[0]; first !== undefined && first.ptsMs <= ptsMs; first = this.#unreached[0]) {
      this.#unreached.shift();
      this.#on.reached(first.sentMs, nowMs - first.sentMs);
    }
    const seen = Object.values(modalities).find((modality) => modality.is_final === undefined)?.age_ms;
    if (seen === null || seen === undefined) return;
    const newestMs = ptsMs - seen;
    while (this.#unanswered[0] !== undefined && this.#unanswered[0].ptsMs <= newestMs) {
      const { sentMs } = this.#unanswered.shift() as Unanswered;
      this.#on.seen(sentMs, nowMs - sentMs);
    }
  }

  #send(message: object): void {
    this.#socket.send(JSON.stringify(message));
  }

  async #until(holds: () => boolean, limitMs: number): Promise<void> {
    const endMs = performance.now() + limitMs;
    while (!holds() && this.#socket.readyState <= WebSocket.OPEN && performance.now() < endMs) await pause(10);
  }
}

/** `is_final` tells text apart. */
type Seen = Readonly<Record<string, { age_ms: number | null; is_final?: boolean }>>;
