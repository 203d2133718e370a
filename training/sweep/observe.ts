import type { ClipTable } from './clip-table.ts';
import type { Masks } from './loss.ts';
import type { Method } from './methods.ts';

/** Mean embeddings of what training saw, [d] each. */
export interface Means {
  readonly video: Float32Array;
  readonly text: Float32Array;
}

/** What a net is given of some clips. */
export interface Observed {
  /** [N, n, d] and [N, n]. */
  readonly video: Float32Array;
  readonly videoMask: Float32Array;
  /** [N, d] and [N]. */
  readonly text: Float32Array;
  readonly textMask: Float32Array;
}

/** Means over the frames and the texts that the masks leave; zeros where they leave none. */
export function meansOf({ dimension, video, text }: ClipTable, masks: Masks): Means {
  return { video: maskedMean(video, masks.video, dimension), text: maskedMean(text, masks.text, dimension) };
}

/**
 * The rows of a table as a method sees them through the masks. A method that fills sees its filling as observed; the
 * others see zeros and the masks.
 */
export function observe(
  table: ClipTable,
  rows: readonly number[],
  masks: Masks,
  fill: Method['fill'],
  means: Means,
): Observed {
  const { slots, dimension } = table;
  const out: Observed = {
    video: new Float32Array(rows.length * slots * dimension),
    videoMask: new Float32Array(rows.length * slots),
    text: new Float32Array(rows.length * dimension),
    textMask: new Float32Array(rows.length),
  };
  for (const [to, from] of rows.entries()) {
    let last: Float32Array | undefined;
    for (let slot = 0; slot < slots; slot++) {
      const at = from * slots + slot;
      const there = masks.video[at] === 1;
      const frame = there
        ? table.video.subarray(at * dimension, (at + 1) * dimension)
        : filling(fill, means.video, last);
      if (there) last = frame;
      if (frame !== undefined) out.video.set(frame, (to * slots + slot) * dimension);
      out.videoMask[to * slots + slot] = there || fill !== 'net' ? 1 : 0;
    }
    const there = masks.text[from] === 1;
    const text = there ? table.text.subarray(from * dimension, (from + 1) * dimension) : filling(fill, means.text);
    if (text !== undefined) out.text.set(text, to * dimension);
    out.textMask[to] = there || fill !== 'net' ? 1 : 0;
  }
  return out;
}

/** What stands for something missing; undefined for zeros. */
function filling(fill: Method['fill'], mean: Float32Array, last?: Float32Array): Float32Array | undefined {
  if (fill === 'mean') return mean;
  return fill === 'last' ? last : undefined;
}

function maskedMean(rows: Float32Array, mask: Float32Array, dimension: number): Float32Array {
  const total = new Float64Array(dimension);
  let count = 0;
  for (const [row, there] of mask.entries()) {
    if (there === 0) continue;
    count++;
    for (let k = 0; k < dimension; k++) total[k] = (total[k] ?? 0) + (rows[row * dimension + k] ?? 0);
  }
  return Float32Array.from(total, (value) => value / Math.max(1, count));
}
