import type { Origin, Words } from './words.ts';

/** Tells this page's captions from those that an earlier page of the same, resumed session sent. */
const PAGE = Math.random().toString(36).slice(2, 8);
let made = 0;

/** One caption from its first word to its last: every call of `say` is a new revision of it. */
export class Segment {
  readonly id: string;
  readonly #origin: Origin;
  readonly #startMs: number;
  #revision = 0;
  #text = '';

  constructor(origin: Origin, startMs: number) {
    this.id = `${origin}-${PAGE}-${made++}`;
    this.#origin = origin;
    this.#startMs = Math.max(0, startMs);
  }

  get text(): string {
    return this.#text;
  }

  say(text: string, isFinal: boolean, endMs: number): Words {
    this.#text = text;
    return {
      origin: this.#origin,
      segmentId: this.id,
      revision: this.#revision++,
      text,
      isFinal,
      startMs: this.#startMs,
      endMs: Math.max(this.#startMs, endMs),
    };
  }
}
