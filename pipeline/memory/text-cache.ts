import type { Encoded } from '../../models/model.ts';

const MAX_TEXTS = 64;

/** Embeddings by exact text, least recently used out first; a text that is being encoded is not asked for twice. */
export class TextCache {
  readonly #encode: (text: string) => Promise<Encoded>;
  readonly #texts = new Map<string, Promise<Encoded>>();

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
}
