/** Seed of the person in the page's sample. */
export const SAMPLE_SEED = 20_419;

/** Drawn people that are shown to users; training never sees them. */
export const RESERVED_SEEDS: readonly number[] = Array.from({ length: 100 }, (_, i) => 20_400 + i);

/** The n-th seed that training may draw: counts from 0 and passes over the reserved ones. */
export function trainingSeed(n: number): number {
  const first = RESERVED_SEEDS[0] ?? Infinity;
  return n < first ? n : n + RESERVED_SEEDS.length;
}
