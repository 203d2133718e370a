/** Lets through `ratePerS` on average and `capacity` at once; private state, no timer. */
export class TokenBucket {
  #tokens: number;
  #updatedMs: number;
  readonly #capacity: number;
  readonly #ratePerMs: number;
  readonly #now: () => number;

  /** `now` gives monotonic milliseconds. */
  constructor(capacity: number, ratePerS: number, now: () => number) {
    this.#capacity = capacity;
    this.#ratePerMs = ratePerS / 1000;
    this.#now = now;
    this.#tokens = capacity;
    this.#updatedMs = now();
  }

  /** Takes `amount` when there is that much; an amount above the capacity never passes. */
  take(amount = 1): boolean {
    const nowMs = this.#now();
    this.#tokens = Math.min(this.#capacity, this.#tokens + (nowMs - this.#updatedMs) * this.#ratePerMs);
    this.#updatedMs = nowMs;
    if (this.#tokens < amount) return false;
    this.#tokens -= amount;
    return true;
  }
}
