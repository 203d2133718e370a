import { random } from '../../../models/random.ts';

/** Images to train on and to test on, by their rows. */
export interface PairFold {
  readonly train: readonly number[];
  readonly test: readonly number[];
}

/** Images in `count` parts, shuffled by the seed, each held out once and trained on in all other folds. */
export function pairFolds(images: number, count: number, seed: number): PairFold[] {
  const order = random(seed, 'pairs').shuffle(Array.from({ length: images }, (_, i) => i));
  return Array.from({ length: count }, (_, fold) => ({
    train: order.filter((__, place) => place % count !== fold),
    test: order.filter((__, place) => place % count === fold),
  }));
}
