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

/** A part of an axis that is scaled as a whole: `count` of `resized` output positions from `first` on. */
export interface ScaledPart {
  readonly size: number;
  readonly resized: number;
  readonly first: number;
  readonly count: number;
}

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
  return cached(`${size},${from},${length},${out},${filter}`, () =>
    makeWeights({ from, end: Math.min(from + length, size), origin: from, scale: length / out, out, filter }),
  );
}

/**
 * Weights of a part of an axis of `size` pixels that is scaled to `resized` positions: what Pillow's resize followed by a
 * crop gives, where the filter also sees the pixels beyond the crop.
 */
export function scaledPartWeights({ size, resized, first, count }: ScaledPart, filter: Filter): AxisWeights {
  const scale = size / resized;
  return cached(`part ${size},${resized},${first},${count},${filter}`, () =>
    makeWeights({ from: 0, end: size, origin: first * scale, scale, out: count, filter }),
  );
}

function cached(key: string, make: () => AxisWeights): AxisWeights {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const made = make();
  const oldest = cache.keys().next().value;
  if (cache.size >= CACHE_ENTRIES && oldest !== undefined) cache.delete(oldest);
  cache.set(key, made);
  return made;
}

interface AxisPlan {
  /** Input pixels that may be read: from `from` to before `end`. */
  readonly from: number;
  readonly end: number;
  /** Where the first output position begins, in input pixels. */
  readonly origin: number;
  /** Input pixels per output position. */
  readonly scale: number;
  readonly out: number;
  readonly filter: Filter;
}

function makeWeights({ from, end: last, origin, scale, out, filter }: AxisPlan): AxisWeights {
  const exactArea = filter === 'area' && scale > 1;
  const stretch = Math.max(1, scale);
  const support = exactArea ? scale / 2 : (filter === 'bicubic' ? 2 : 1) * stretch;
  const taps = Math.min(last - from, Math.ceil(support * 2) + 2);
  const starts = new Int32Array(out);
  const counts = new Int32Array(out);
  const weights = new Float32Array(out * taps);
  for (let i = 0; i < out; i++) {
    const centre = origin + (i + 0.5) * scale;
    const first = Math.max(from, Math.floor(centre - support));
    const end = Math.min(last, Math.ceil(centre + support), first + taps);
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
