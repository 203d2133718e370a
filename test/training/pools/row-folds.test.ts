import { expect, it } from 'vitest';
import { rowFolds } from '../../../training/pools/row-folds.ts';

const sorted = (rows: readonly number[]): number[] => rows.toSorted((a, b) => a - b);
const ALL = Array.from({ length: 12 }, (_, i) => i);

it('tests every row once, in parts of about one size, and trains on all others then', () => {
  const folds = rowFolds(12, 5, 1);
  expect(sorted(folds.flatMap(({ test }) => test))).toEqual(ALL);
  expect(folds.map(({ test }) => test.length)).toEqual([3, 3, 2, 2, 2]);
  for (const { train, test } of folds) expect(sorted([...train, ...test])).toEqual(ALL);
});

it('shuffles by the seed', () => {
  expect(rowFolds(12, 5, 1)).toEqual(rowFolds(12, 5, 1));
  expect(rowFolds(12, 5, 1)).not.toEqual(rowFolds(12, 5, 2));
  expect(rowFolds(12, 5, 1)[0]?.test).not.toEqual([0, 5, 10]);
});
