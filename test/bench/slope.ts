/** A straight line through measurements, per second, with the standard error of its slope. */
export interface Slope {
  readonly perS: number;
  readonly error: number;
}

/**
 * Least squares through points of seconds and values. The residuals of memory readings hang together, so the error is that
 * of means over tenths of the time instead of single readings; NaN with fewer than three of them.
 */
export function slopeOf(points: readonly (readonly [s: number, value: number])[]): Slope {
  const means = tenths(points);
  const n = means.length;
  if (n < 3) return { perS: Number.NaN, error: Number.NaN };
  const meanS = mean(means.map(([s]) => s));
  const meanV = mean(means.map(([, value]) => value));
  const spread = means.reduce((sum, [s]) => sum + (s - meanS) ** 2, 0);
  const perS = means.reduce((sum, [s, value]) => sum + (s - meanS) * (value - meanV), 0) / spread;
  const rest = means.reduce((sum, [s, value]) => sum + (value - meanV - perS * (s - meanS)) ** 2, 0);
  return { perS, error: Math.sqrt(rest / (n - 2) / spread) };
}

function tenths(points: readonly (readonly [number, number])[]): [number, number][] {
  const parts = Math.min(10, points.length);
  return Array.from({ length: parts }, (_, i) => {
    const part = points.slice(Math.floor((i * points.length) / parts), Math.floor(((i + 1) * points.length) / parts));
    return [mean(part.map(([s]) => s)), mean(part.map(([, value]) => value))];
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
