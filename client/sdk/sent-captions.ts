import type { HeldCaption } from './caption-buffer.ts';

interface SentCaption extends HeldCaption {
  /** How many captions this connection had carried with it. */
  readonly number: number;
}

/**
 * Captions that were sent and are not known to have arrived: a connection may be dead for long before that is noticed.
 *
 * They arrive in order, and the server says how many captions a session has taken in; so what may be lost is the newest of
 * those sent. What the server refused to read is not counted, and stays here. Bound: the newest revision of `limit`
 * segments; older ones are taken to have arrived.
 */
export class SentCaptions {
  readonly #limit: number;
  readonly #bySegment = new Map<string, SentCaption>();
  #sent = 0;
  #counted: number | undefined;
  /** The session's count when this connection began, as far as it is known. */
  #before: number | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The session's count as the server told it last; undefined until then for a session that somebody else began. */
  get counted(): number | undefined {
    return this.#counted;
  }

  /** A connection begins, whose session was last known to have counted so many captions. */
  connect(counted: number | undefined): void {
    this.#sent = 0;
    this.#counted = counted;
    this.#before = counted;
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
    this.#counted = captions;
    // No more of them came over this connection than were sent over it. Where nothing was known, none of them did.
    this.#before = Math.max(this.#before ?? captions, captions - this.#sent);
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
