import type { ServerMessage } from '../../pipeline/protocol/index.ts';

/** The newest messages of a session, for a client that comes back; the oldest go first when it is full. */
export class MessageRing {
  readonly #capacity: number;
  #messages: ServerMessage[] = [];
  /** Messages ever added. */
  #added = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  push(message: ServerMessage): void {
    this.#added++;
    this.#messages.push(message);
    if (this.#messages.length >= 2 * this.#capacity) this.#messages = this.#messages.slice(-this.#capacity);
  }

  /** A place in the stream, for `since`. */
  mark(): number {
    return this.#added;
  }

  /** What was added after a mark and is still here, oldest first. */
  since(mark: number): ServerMessage[] {
    const wanted = Math.min(this.#added - mark, this.#capacity);
    return wanted <= 0 ? [] : this.#messages.slice(-wanted);
  }

  /**
   * What came after the result `seq`, oldest first, and whether that is everything.
   * A `seq` of -1 is before the first result.
   */
  after(seq: number): { messages: ServerMessage[]; complete: boolean } {
    const kept = this.#messages.slice(-this.#capacity);
    const at = kept.findLastIndex((message) => 'seq' in message && message.seq === seq);
    if (at >= 0) return { messages: kept.slice(at + 1), complete: true };
    const newest = kept.findLast((message) => 'seq' in message);
    const nothingMissed = newest !== undefined && 'seq' in newest && newest.seq < seq;
    if (nothingMissed) return { messages: [], complete: true };
    return { messages: kept, complete: seq < 0 && this.#added <= this.#capacity };
  }
}
