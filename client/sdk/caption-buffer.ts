import type { Caption } from '../../pipeline/protocol/index.ts';

export interface HeldCaption {
  readonly caption: Caption;
  /** When it was given to the client, in milliseconds of `performance.now()`. */
  readonly sinceMs: number;
}

/**
 * Captions that wait for a connection, in order of their first appearance.
 *
 * A newer revision replaces an older one of its segment. At most `limit` segments wait; then the oldest is dropped and counted.
 */
export class CaptionBuffer {
  readonly #limit: number;
  readonly #bySegment = new Map<string, HeldCaption>();
  dropped = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#bySegment.size;
  }

  add(held: HeldCaption): void {
    const { segment_id: id, revision } = held.caption;
    const known = this.#bySegment.get(id);
    // The server takes the first of equal revisions.
    if (known && known.caption.revision >= revision) return;
    this.#bySegment.set(id, held);
    if (this.#bySegment.size <= this.#limit) return;
    for (const oldest of this.#bySegment.keys()) {
      this.#bySegment.delete(oldest);
      this.dropped++;
      return;
    }
  }

  /** Empties the buffer; all of it is dropped and counted. */
  clear(): void {
    this.dropped += this.#bySegment.size;
    this.#bySegment.clear();
  }

  /** Empties the buffer. What was given before `sinceMs` is dropped and counted. */
  take(sinceMs: number): HeldCaption[] {
    const all = [...this.#bySegment.values()];
    this.#bySegment.clear();
    const young = all.filter((held) => held.sinceMs >= sinceMs);
    this.dropped += all.length - young.length;
    return young;
  }
}
