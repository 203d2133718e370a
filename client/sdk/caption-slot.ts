import { CaptionBuffer } from './caption-buffer.ts';
import { SentCaptions } from './sent-captions.ts';
import type { Caption } from '../../pipeline/protocol/index.ts';
import type { HeldCaption } from './caption-buffer.ts';

export interface CaptionSession {
  /** What the session has counted at most; undefined for one that somebody else began. */
  readonly most: number | undefined;
  /** Longest time in milliseconds that captions may have waited for it; older ones are dropped. */
  readonly maxAgeMs: number;
}

/** Captions on their way out: they wait for a session, and are kept until the server has counted them. */
export class CaptionSlot {
  readonly #send: (caption: Caption) => void;
  readonly #waiting: CaptionBuffer;
  readonly #sent: SentCaptions;
  #connected = false;
  #ended = false;

  /** @param limit segments that wait, and segments that are kept */
  constructor(limit: number, send: (caption: Caption) => void) {
    this.#send = send;
    this.#waiting = new CaptionBuffer(limit);
    this.#sent = new SentCaptions(limit);
  }

  get dropped(): number {
    return this.#waiting.dropped;
  }

  /** The most that the session can have counted. */
  get most(): number | undefined {
    return this.#sent.most;
  }

  connect({ most, maxAgeMs }: CaptionSession): void {
    this.#connected = true;
    this.#sent.connect(most);
    for (const held of this.#waiting.take(performance.now() - maxAgeMs)) this.#deliver(held);
  }

  /** What may not have arrived waits again, unless this is the end. */
  disconnect(): void {
    this.#connected = false;
    const inDoubt = this.#sent.take();
    if (!this.#ended) for (const held of inDoubt) this.#waiting.add(held);
  }

  /** No session follows: what waits, and what is offered from now on, is dropped. */
  end(): void {
    this.#ended = true;
    this.#waiting.clear();
  }

  offer(caption: Caption): void {
    const held = { caption, sinceMs: performance.now() };
    if (this.#connected && !this.#ended) this.#deliver(held);
    else this.#waiting.add(held);
    if (this.#ended) this.#waiting.clear();
  }

  count(captions: number): void {
    if (this.#connected) this.#sent.count(captions);
  }

  #deliver(held: HeldCaption): void {
    this.#send(held.caption);
    this.#sent.add(held);
  }
}
