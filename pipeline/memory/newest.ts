/** The newest of its kind, with its media time. Bound: one, and the time given to `prune`. */
export class Newest<T> {
  #value: T | null = null;
  #atMs = -Infinity;

  /** Null before the first, and where it was forgotten. */
  get value(): T | null {
    return this.#value;
  }

  keep(value: T, atMs: number): void {
    this.#value = value;
    this.#atMs = atMs;
  }

  /** Forgets one from before that time. */
  prune(beforeMs: number): void {
    if (this.#atMs < beforeMs) this.#value = null;
  }
}
