/** Hops that may come now: up to `capacity` at once and `perMs` of wall time in the long run. Private state, no timer. */
export class HopAllowance {
  readonly #capacity: number;
  readonly #perMs: number;
  readonly #now: () => number;
  #left: number;
  #countedMs: number;

  /** `now` gives monotonic milliseconds. */
  constructor(capacity: number, perMs: number, now: () => number) {
    this.#capacity = capacity;
    this.#perMs = perMs;
    this.#now = now;
    this.#left = capacity;
    this.#countedMs = now();
  }

  /** Whole hops. What there is of one counts as one, or the hop that comes soon after a leap would be lost. */
  left(): number {
    const nowMs = this.#now();
    this.#left = Math.min(this.#capacity, this.#left + (nowMs - this.#countedMs) * this.#perMs);
    this.#countedMs = nowMs;
    return Math.max(0, Math.ceil(this.#left));
  }

  /** At most what `left` told. */
  take(hops: number): void {
    this.#left -= hops;
  }
}
