import { random } from '../../../models/random.ts';

/**
 * The fold of each item, 0 to `count` - 1: groups are shuffled by the seed and dealt out one by one, so that a group is
 * never cut and the folds are about equally large.
 *
 * @param keys the group of each item
 * @param stream which random numbers of the seed
 */
export function groupedFolds(keys: readonly string[], count: number, seed: number, stream = 'sweep folds'): Int8Array {
  const order = random(seed, stream).shuffle([...new Set(keys)]);
  const foldOf = new Map(order.map((key, place) => [key, place % count]));
  return Int8Array.from(keys, (key) => foldOf.get(key) ?? 0);
}
