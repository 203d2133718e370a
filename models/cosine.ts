/** Cosine of the angle between two vectors of one length, clipped to [-1, 1]; 0 when either has no length, NaN when either is not finite. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let dot = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i] as number;
    const y = b[i] as number;
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa === 0 || bb === 0 ? 0 : Math.min(1, Math.max(-1, dot / Math.sqrt(aa * bb)));
}
