/** How an axis of the output is a weighted sum of the input: `count` weights per output position, from `start` on. */
export interface AxisWeights {
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  /** `taps` values per output position, the first `counts[i]` of them used; each position's sum is 1. */
  readonly weights: Float32Array;
  readonly taps: number;
}

export type Filter = 'area' | 'bilinear' | 'bicubic';

const CACHE_ENTRIES = 64;
const cache = new Map<string, AxisWeights>();

/**
 * Weights that map the input range [from, from + length) of an axis of `size` pixels onto `out` positions.
 *
 * - `area`: the exact mean of the covered input, whole and part pixels; bilinear where the output is larger.
 * - `bilinear`, `bicubic` (Catmull-Rom, a = -0.5): the kernel is stretched by the shrink factor, so that nothing
 *   aliases; the same definition as Pillow's and libvips'.
 *
 * Positions are pixel centres: output i is centred on from + (i + 0.5) * length / out.
 */
export function axisWeights(size: number, from: number, length: number, out: number, filter: Filter): AxisWeights {
  const key = `${size},${from},${length},${out},${filter}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const made = makeWeights(size, from, length, out, filter);
  const oldest = cache.keys().next().value;
  if (cache.size >= CACHE_ENTRIES && oldest !== undefined) cache.delete(oldest);
  cache.set(key, made);
  return made;
}

function makeWeights(size: number, from: number, length: number, out: number, filter: Filter): AxisWeights {
  const scale = length / out;
  const exactArea = filter === 'area' && scale > 1;
  const stretch = Math.max(1, scale);
  const support = exactArea ? scale / 2 : (filter === 'bicubic' ? 2 : 1) * stretch;
  const taps = Math.min(length, Math.ceil(support * 2) + 2);
  const starts = new Int32Array(out);
  const counts = new Int32Array(out);
  const weights = new Float32Array(out * taps);
  for (let i = 0; i < out; i++) {
    const centre = from + (i + 0.5) * scale;
    const first = Math.max(from, Math.floor(centre - support));
    const end = Math.min(from + length, size, Math.ceil(centre + support), first + taps);
    let sum = 0;
    for (let at = first; at < end; at++) {
      const weight = exactArea
        ? Math.max(0, Math.min(at + 1, centre + support) - Math.max(at, centre - support))
        : kernel(filter, (at + 0.5 - centre) / stretch);
      weights[i * taps + at - first] = weight;
      sum += weight;
    }
    for (let k = 0; k < end - first; k++) weights[i * taps + k] = (weights[i * taps + k] ?? 0) / sum;
    starts[i] = first;
    counts[i] = end - first;
  }
  return { starts, counts, weights, taps };
}

function kernel(filter: Filter, distance: number): number {
  const x = Math.abs(distance);
  if (filter !== 'bicubic') return Math.max(0, 1 - x);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}
