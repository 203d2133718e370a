import type { SessionTotals } from '../../pipeline/protocol/index.ts';

/** What the door refused, and how it adds to what the pipeline counted. */
export class Accounting {
  #refused = 0;
  readonly #reasons: Record<string, number> = {};
  errors = 0;

  frameRefused(reason: string): void {
    this.#refused++;
    this.#reasons[reason] = (this.#reasons[reason] ?? 0) + 1;
  }

  /** The pipeline's totals and the door's: received = encoded + in flight + dropped still holds. */
  merge<T extends SessionTotals>(totals: T): T {
    const { frames } = totals;
    return {
      ...totals,
      frames: {
        ...frames,
        received: frames.received + this.#refused,
        dropped: { ...frames.dropped, ...this.#reasons },
      },
      errors: totals.errors + this.errors,
    };
  }
}
