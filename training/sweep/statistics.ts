/** Mean and sample deviation over seeds; the deviation is null of a single one, both are null of none. */
export interface Spread {
  readonly mean: number | null;
  readonly deviation: number | null;
  readonly n: number;
}

export function spreadOf(values: readonly (number | null | undefined)[]): Spread {
  const known = values.filter((value): value is number => value !== null && value !== undefined);
  const n = known.length;
  if (n === 0) return { mean: null, deviation: null, n };
  const mean = known.reduce((a, b) => a + b, 0) / n;
  const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: n < 2 ? null : Math.sqrt(squares / (n - 1)), n };
}

/**
 * Area under a curve over its range of rates (trapezoids), divided by that range, so that a flat curve has its own
 * height. Null of fewer than two points, or where one has no value.
 */
export function areaUnder(points: readonly { readonly rate: number; readonly value: number | null }[]): number | null {
  const sorted = points.toSorted((a, b) => a.rate - b.rate);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined || last.rate <= first.rate) return null;
  let area = 0;
  for (const [i, { rate, value }] of sorted.entries()) {
    if (value === null) return null;
    const before = sorted[i - 1];
    if (before !== undefined) area += ((value + (before.value ?? 0)) / 2) * (rate - before.rate);
  }
  return area / (last.rate - first.rate);
}
