/**
 * Frames that a client may send: `capacity` at once. `credit` messages grant more; the count that a client holds is what
 * was granted minus what it sent. A frame without credit is taken all the same.
 */
export class Credits {
  readonly #capacity: number;
  #held = 0;
  #inFlight = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Frames that the client may send now. */
  get held(): number {
    return this.#held;
  }

  /** A frame arrived. */
  spend(): void {
    this.#held = Math.max(0, this.#held - 1);
    this.#inFlight++;
  }

  /** A frame needs nothing more. */
  settle(): void {
    this.#inFlight--;
  }

  /** How many to grant now; they count as held from here on. */
  grant(): number {
    const frames = Math.max(0, this.#capacity - this.#inFlight - this.#held);
    this.#held += frames;
    return frames;
  }

  /** A new connection holds nothing. */
  reset(): void {
    this.#held = 0;
  }
}
