import { requireSameLength } from './same-length.ts';

/**
 * Pearson's correlation coefficient, as `numpy.corrcoef(a, b)[0][1]`: covariance over the product of the standard
 * deviations, clipped to [-1, 1]. NaN where either side is constant, a single value included.
 */
export function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  requireSameLength(a, b);
  const x = Float64Array.from(a);
  const y = Float64Array.from(b);
  if (isConstant(x) || isConstant(y)) return Number.NaN;
  const meanX = mean(x);
  const meanY = mean(y);
  let xy = 0;
  let xx = 0;
  let yy = 0;
  for (const [i, value] of x.entries()) {
    const dx = value - meanX;
    const dy = (y[i] ?? Number.NaN) - meanY;
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return Math.min(1, Math.max(-1, xy / Math.sqrt(xx) / Math.sqrt(yy)));
}

/** Arithmetic mean; NaN of nothing. */
export function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Exactly equal values; their mean may be rounded, so the variance cannot tell. */
function isConstant(values: Float64Array): boolean {
  return values.every((value) => value === values[0]);
}
