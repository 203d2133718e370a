import { Segment } from './segment.ts';
import type { Say } from './words.ts';

const REVISE_MS = 300;

/** Turns typing into captions: interim revisions while the text grows, final on Enter. */
export class Typist {
  readonly #nowMs: () => number;
  readonly #say: Say;
  #segment: Segment | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sentMs = -Infinity;

  constructor(nowMs: () => number, say: Say) {
    this.#nowMs = nowMs;
    this.#say = say;
  }

  /** The text as it stands after a key. At most one revision per 300 ms; the newest text always follows. */
  type(text: string): void {
    if (!this.#segment && text.trim() === '') return;
    this.#segment ??= new Segment('typed', this.#nowMs());
    clearTimeout(this.#timer);
    const waitMs = this.#sentMs + REVISE_MS - this.#nowMs();
    if (waitMs <= 0) this.#send(text, false);
    else this.#timer = setTimeout(() => this.#send(text, false), waitMs);
  }

  /** Enter: the text is final. */
  enter(text: string): void {
    clearTimeout(this.#timer);
    if (!this.#segment && text.trim() === '') return;
    this.#segment ??= new Segment('typed', this.#nowMs());
    this.#send(text, true);
    this.#begin();
  }

  /** What was not sent yet stays unsent. Media time may begin anew afterwards. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#begin();
  }

  /** The next text is a caption of its own, and waits for none before it. */
  #begin(): void {
    this.#segment = undefined;
    this.#sentMs = -Infinity;
  }

  #send(text: string, isFinal: boolean): void {
    const trimmed = text.trim();
    if (!this.#segment || (!isFinal && trimmed === this.#segment.text)) return;
    this.#sentMs = this.#nowMs();
    this.#say(this.#segment.say(trimmed, isFinal, this.#nowMs()));
  }
}
