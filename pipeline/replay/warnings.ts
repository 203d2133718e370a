import type { ReplayWarning } from './summary.ts';

/** Bound: the codes are few; a repeated one only counts. */
export class Warnings {
  readonly #byCode = new Map<string, { message: string; count: number }>();

  add(code: string, message: string, count = 1): void {
    const known = this.#byCode.get(code);
    if (known === undefined) this.#byCode.set(code, { message, count });
    else known.count += count;
  }

  list(): ReplayWarning[] {
    return [...this.#byCode].map(([code, { message, count }]) => ({ code, message, count }));
  }
}
