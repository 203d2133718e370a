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

  /** What is there now, parts of one included; below 0 after more was spent. */
  left(): number {
    const nowMs = this.#now();
    this.#tokens = Math.min(this.#capacity, this.#tokens + (nowMs - this.#updatedMs) * this.#ratePerMs);
    this.#updatedMs = nowMs;
    return this.#tokens;
  }

  /** Takes `amount` when there is that much; an amount above the capacity never passes. */
  take(amount = 1): boolean {
    if (this.left() < amount) return false;
    this.#tokens -= amount;
    return true;
  }

  /** Takes `amount` whether there is that much or not. */
  spend(amount: number): void {
    this.#tokens -= amount;
  }
}
