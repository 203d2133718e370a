import { jsonOf } from './json-of.ts';
import type { ServerMessage } from '../../pipeline/protocol/index.ts';

interface Kept {
  /** Of a result; null for others. */
  readonly seq: number | null;
  readonly json: string;
  readonly atMs: number;
}

export interface RingLimits {
  /** Messages kept at most. */
  readonly capacity: number;
  /** How long a message is kept, in milliseconds. */
  readonly keepMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** The list is cut once so many messages at its start have been left behind. */
const CUT = 64;

/**
 * The newest messages of a session, for a client that comes back; the oldest go first when it is full, or when nobody can
 * come back for them any more. They are kept as JSON, which takes a third of the memory and nothing of the collector's time.
 */
export class MessageRing {
  readonly #limits: RingLimits;
  #messages: Kept[] = [];
  /** Messages at the start of the list that are no longer kept. */
  #stale = 0;
  /** Messages ever added. */
  #added = 0;

  constructor(limits: RingLimits) {
    this.#limits = limits;
  }

  push(message: ServerMessage): void {
    const { capacity, keepMs, now } = this.#limits;
    const atMs = now();
    this.#added++;
    this.#messages.push({ seq: 'seq' in message ? message.seq : null, json: jsonOf(message), atMs });
    this.#stale = Math.max(this.#stale, this.#messages.length - capacity);
    while ((this.#messages[this.#stale]?.atMs ?? atMs) < atMs - keepMs) this.#stale++;
    if (this.#stale < CUT) return;
    this.#messages = this.#messages.slice(this.#stale);
    this.#stale = 0;
  }

  /** A place in the stream, for `since`. */
  mark(): number {
    return this.#added;
  }

  /** What was added after a mark and is still here, oldest first, and whether that is everything. */
  since(mark: number): { messages: ServerMessage[]; complete: boolean } {
    const wanted = this.#added - mark;
    const kept = wanted <= 0 ? [] : this.#kept().slice(-wanted);
    return { messages: kept.map(messageOf), complete: kept.length >= wanted };
  }

  /**
   * What came after the result `seq`, oldest first, and whether that is everything.
   * A `seq` of -1 is before the first result.
   */
  after(seq: number): { messages: ServerMessage[]; complete: boolean } {
    const kept = this.#kept();
    const at = kept.findLastIndex((message) => message.seq === seq);
    if (at >= 0) return { messages: kept.slice(at + 1).map(messageOf), complete: true };
    const newest = kept.findLast((message) => message.seq !== null)?.seq ?? null;
    if (newest !== null && newest < seq) return { messages: [], complete: true };
    return { messages: kept.map(messageOf), complete: seq < 0 && this.#added === kept.length };
  }

  #kept(): Kept[] {
    return this.#messages.slice(this.#stale);
  }
}

function messageOf({ json }: Kept): ServerMessage {
  return JSON.parse(json) as ServerMessage;
}
