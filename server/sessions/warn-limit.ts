const EVERY_MS = 1000;

/** Lets a warning of each code through once a second. */
export class WarnLimit {
  readonly #now: () => number;
  readonly #warnedMs = new Map<string, number>();

  /** `now` gives monotonic milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  may(code: string): boolean {
    const nowMs = this.#now();
    if (nowMs - (this.#warnedMs.get(code) ?? -Infinity) < EVERY_MS) return false;
    this.#warnedMs.set(code, nowMs);
    return true;
  }
}
