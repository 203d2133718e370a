import type { Encoded } from '../../models/model.ts';

const MAX_TEXTS = 64;

interface CachedText {
  readonly encoding: Promise<Encoded>;
  /** End of the newest window that asked for it. */
  usedMs: number;
}

/** A text and the end of the window that is going to ask for it. */
interface TextAhead {
  readonly text: string;
  readonly ptsMs: number;
}

/**
 * Embeddings by exact text; a text that is being encoded is not asked for twice. Bound: 64 texts, least recently used out
 * first, and the time given to `prune`. Ahead of time one is encoded at once and one waits, newest wins.
 */
export class TextCache {
  readonly #encode: (text: string) => Promise<Encoded>;
  readonly #texts = new Map<string, CachedText>();
  #encodingAhead = false;
  #nextAhead: TextAhead | null = null;

  constructor(encode: (text: string) => Promise<Encoded>) {
    this.#encode = encode;
  }

  /** For the window that ends at `ptsMs`. Rejects as the encoder does; a failure is not kept. */
  get(text: string, ptsMs: number): Promise<Encoded> {
    const known = this.#texts.get(text);
    if (known) {
      this.#texts.delete(text);
      this.#texts.set(text, known);
      known.usedMs = Math.max(known.usedMs, ptsMs);
      return known.encoding;
    }
    const encoding = this.#encode(text);
    this.#texts.set(text, { encoding, usedMs: ptsMs });
    encoding.catch(() => {
      if (this.#texts.get(text)?.encoding === encoding) this.#texts.delete(text);
    });
    if (this.#texts.size > MAX_TEXTS) {
      const oldest = this.#texts.keys().next();
      if (!oldest.done) this.#texts.delete(oldest.value);
    }
    return encoding;
  }

  /** Encodes a text before a window asks for it; never throws. One that waits for its turn gives it to the next. */
  ahead(text: string, ptsMs: number): void {
    this.#nextAhead = { text, ptsMs };
    if (!this.#encodingAhead) void this.#encodeAhead();
  }

  async #encodeAhead(): Promise<void> {
    this.#encodingAhead = true;
    while (this.#nextAhead !== null) {
      const { text, ptsMs } = this.#nextAhead;
      this.#nextAhead = null;
      try {
        await this.get(text, ptsMs);
      } catch {
        // The window that shows it asks again, and tells.
      }
    }
    this.#encodingAhead = false;
  }

  /** Forgets texts that no window asked for that ended at that time or later. */
  prune(beforeMs: number): void {
    for (const [text, { usedMs }] of this.#texts) if (usedMs < beforeMs) this.#texts.delete(text);
  }
}
