import type { HeldCaption } from './caption-buffer.ts';

interface SentCaption extends HeldCaption {
  /** How many captions this connection had carried with it. */
  readonly number: number;
}

/**
 * Captions that were sent and are not known to have arrived: a connection may be dead for long before that is noticed.
 *
 * They arrive in order, and the server says how many captions a session has taken in; so what may be lost is the newest of
 * those sent. One that the server refused to read is not counted, and leaves another in doubt. What arrived may be sent again,
 * which the server takes for the same; what did not always is. Bound: the newest revision of `limit` segments; older ones are
 * taken to have arrived.
 */
export class SentCaptions {
  readonly #limit: number;
  readonly #bySegment = new Map<string, SentCaption>();
  #sent = 0;
  /** The session's count when this connection began, or more. */
  #before: number | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The most that the session can count of what was sent so far; undefined for one that somebody else began, before its count. */
  get most(): number | undefined {
    return this.#before === undefined ? undefined : this.#before + this.#sent;
  }

  /** A connection begins, whose session has counted so many captions at most. */
  connect(most: number | undefined): void {
    this.#sent = 0;
    this.#before = most;
  }

  add(held: HeldCaption): void {
    this.#sent++;
    const { segment_id: id, revision } = held.caption;
    const known = this.#bySegment.get(id);
    // The server takes the first of equal revisions.
    if (known && known.caption.revision >= revision) return;
    this.#bySegment.delete(id);
    this.#bySegment.set(id, { ...held, number: this.#sent });
    const [oldest] = this.#bySegment.keys();
    if (this.#bySegment.size > this.#limit && oldest !== undefined) this.#bySegment.delete(oldest);
  }

  /** The server told how many captions the session has taken in, over this connection and those before. */
  count(captions: number): void {
    // The session had counted no more than that before, and no more came over this connection than were sent over it.
    this.#before = Math.max(Math.min(this.#before ?? captions, captions), captions - this.#sent);
    const arrived = captions - this.#before;
    for (const [id, { number }] of this.#bySegment) {
      if (number > arrived) return;
      this.#bySegment.delete(id);
    }
  }

  /** Gives up what may be lost, in the order in which it was sent. */
  take(): HeldCaption[] {
    const captions = [...this.#bySegment.values()].map(({ caption, sinceMs }) => ({ caption, sinceMs }));
    this.#bySegment.clear();
    return captions;
  }
}
