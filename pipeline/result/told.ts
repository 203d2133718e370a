/** A score, probability or cosine as results tell it: six decimals, about what float32 has of it; null where there is none. */
export function told(value: number): number;
export function told(value: number | null): number | null;
export function told(value: number | null): number | null {
  // Without a negative zero.
  return value === null ? null : Math.round(value * 1e6) / 1e6 + 0;
}
