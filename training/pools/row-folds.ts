import { random } from '../../models/random.ts';

/** Rows to train on and to test on. */
export interface RowFold {
  readonly train: readonly number[];
  readonly test: readonly number[];
}

/** The numbers below `n` in `count` parts, shuffled as the keys say, each held out once and trained on in all other folds. */
export function rowFolds(n: number, count: number, ...keys: readonly (string | number)[]): RowFold[] {
  const order = random(...keys).shuffle(Array.from({ length: n }, (_, i) => i));
  return Array.from({ length: count }, (_, fold) => ({
    train: order.filter((__, place) => place % count !== fold),
    test: order.filter((__, place) => place % count === fold),
  }));
}
