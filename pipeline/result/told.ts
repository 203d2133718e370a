/** A score, probability or cosine as results tell it: six decimals, about what float32 has of it. */
export function told(value: number): number {
  // Without a negative zero.
  return Math.round(value * 1e6) / 1e6 + 0;
}
