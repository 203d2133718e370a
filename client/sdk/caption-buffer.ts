import type { Caption } from '../../pipeline/protocol/index.ts';

/**
 * Captions that wait for a connection, in order of their first appearance.
 *
 * A newer revision replaces an older one of its segment. At most `limit` segments wait; then the oldest is dropped and counted.
 */
export class CaptionBuffer {
  readonly #limit: number;
  readonly #bySegment = new Map<string, Caption>();
  dropped = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#bySegment.size;
  }

  add(caption: Caption): void {
    const held = this.#bySegment.get(caption.segment_id);
    if (held && held.revision > caption.revision) return;
    this.#bySegment.set(caption.segment_id, caption);
    if (this.#bySegment.size <= this.#limit) return;
    for (const oldest of this.#bySegment.keys()) {
      this.#bySegment.delete(oldest);
      this.dropped++;
      return;
    }
  }

  /** Empties the buffer. */
  take(): Caption[] {
    const captions = [...this.#bySegment.values()];
    this.#bySegment.clear();
    return captions;
  }
}
