import type { Random } from '../../models/random.ts';

/** Uniform in [-1, 1). */
export function spread(random: Random): number {
  return 2 * random.uniform() - 1;
}

/** Between the two, uniform in the logarithm. */
export function logUniform(random: Random, [low, high]: readonly [number, number]): number {
  return low * (high / low) ** random.uniform();
}
