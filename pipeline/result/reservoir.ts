/** The newest numbers, for percentiles. Bound: `size`; the oldest goes first. */
export class Reservoir {
  readonly #values: Float64Array;
  #count = 0;

  constructor(size = 256) {
    this.#values = new Float64Array(size);
  }

  add(value: number): void {
    this.#values[this.#count++ % this.#values.length] = value;
  }

  /** The value that a share `q` of the kept ones does not exceed (nearest rank); null when there is none. */
  quantile(q: number): number | null {
    return this.quantiles([q])[0] ?? null;
  }

  /** The same for several shares. */
  quantiles(shares: readonly number[]): (number | null)[] {
    const kept = this.#values.slice(0, Math.min(this.#count, this.#values.length)).sort();
    return shares.map((q) => kept[Math.max(0, Math.ceil(q * kept.length) - 1)] ?? null);
  }
}
