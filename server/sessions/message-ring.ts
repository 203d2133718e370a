import { jsonOf } from './json-of.ts';
import type { ServerMessage } from '../../pipeline/protocol/index.ts';

interface Kept {
  /** Of a result; null for others. */
  readonly seq: number | null;
  readonly json: string;
}

/**
 * The newest messages of a session, for a client that comes back; the oldest go first when it is full. They are kept as
 * JSON, which takes a third of the memory and nothing of the collector's time.
 */
export class MessageRing {
  readonly #capacity: number;
  #messages: Kept[] = [];
  /** Messages ever added. */
  #added = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  push(message: ServerMessage): void {
    this.#added++;
    this.#messages.push({ seq: 'seq' in message ? message.seq : null, json: jsonOf(message) });
    if (this.#messages.length >= 2 * this.#capacity) this.#messages = this.#messages.slice(-this.#capacity);
  }

  /** A place in the stream, for `since`. */
  mark(): number {
    return this.#added;
  }

  /** What was added after a mark and is still here, oldest first. */
  since(mark: number): ServerMessage[] {
    const wanted = Math.min(this.#added - mark, this.#capacity);
    return wanted <= 0 ? [] : this.#messages.slice(-wanted).map(messageOf);
  }

  /**
   * What came after the result `seq`, oldest first, and whether that is everything.
   * A `seq` of -1 is before the first result.
   */
  after(seq: number): { messages: ServerMessage[]; complete: boolean } {
    const kept = this.#messages.slice(-this.#capacity);
    const at = kept.findLastIndex((message) => message.seq === seq);
    if (at >= 0) return { messages: kept.slice(at + 1).map(messageOf), complete: true };
    const newest = kept.findLast((message) => message.seq !== null)?.seq ?? null;
    if (newest !== null && newest < seq) return { messages: [], complete: true };
    return { messages: kept.map(messageOf), complete: seq < 0 && this.#added <= this.#capacity };
  }
}

function messageOf({ json }: Kept): ServerMessage {
  return JSON.parse(json) as ServerMessage;
}
