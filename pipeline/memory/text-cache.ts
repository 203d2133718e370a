import type { Encoded } from '../../models/model.ts';

const MAX_TEXTS = 64;

/**
 * Embeddings by exact text; a text that is being encoded is not asked for twice. Bound: 64 texts, least recently used out
 * first. Ahead of time one is encoded at once and one waits, newest wins.
 */
export class TextCache {
  readonly #encode: (text: string) => Promise<Encoded>;
  readonly #texts = new Map<string, Promise<Encoded>>();
  #encodingAhead = false;
  #nextAhead: string | null = null;

  constructor(encode: (text: string) => Promise<Encoded>) {
    this.#encode = encode;
  }

  /** Rejects as the encoder does; a failure is not kept. */
  get(text: string): Promise<Encoded> {
    const known = this.#texts.get(text);
    if (known) {
      this.#texts.delete(text);
      this.#texts.set(text, known);
      return known;
    }
    const encoding = this.#encode(text);
    this.#texts.set(text, encoding);
    encoding.catch(() => {
      if (this.#texts.get(text) === encoding) this.#texts.delete(text);
    });
    if (this.#texts.size > MAX_TEXTS) {
      const oldest = this.#texts.keys().next();
      if (!oldest.done) this.#texts.delete(oldest.value);
    }
    return encoding;
  }

  /** Encodes a text before it is asked for; never throws. One that waits for its turn gives it to the next. */
  ahead(text: string): void {
    this.#nextAhead = text;
    if (!this.#encodingAhead) void this.#encodeAhead();
  }

  async #encodeAhead(): Promise<void> {
    this.#encodingAhead = true;
    while (this.#nextAhead !== null) {
      const text = this.#nextAhead;
      this.#nextAhead = null;
      try {
        await this.get(text);
      } catch {
        // The window that shows it asks again, and tells.
      }
    }
    this.#encodingAhead = false;
  }
}
