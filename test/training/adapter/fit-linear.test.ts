import { describe, expect, it } from 'vitest';
import { fitLinear, readRow } from '../../../training/adapter/fit-linear.ts';
import type { SparseRows } from '../../../training/adapter/lexicon.ts';

/** [1 0 0], [0.6 0.8 0], [0 1 0], [0 0.6 0.8], [0 0 1], [0.8 0 0.6]. */
const ROWS: SparseRows = {
  width: 3,
  starts: Int32Array.of(0, 1, 3, 4, 6, 7, 9),
  columns: Int32Array.of(0, 0, 1, 1, 1, 2, 2, 0, 2),
  values: Float64Array.of(1, 0.6, 0.8, 1, 0.6, 0.8, 1, 0.8, 0.6),
};
const ALL = [0, 1, 2, 3, 4, 5];
const LOGISTIC = [0.53585, -0.55017, 0.01432, 0.01432, 0.53585, -0.55017, -0.55017, 0.01432, 0.53585];
const RIDGE = [0.42328, -1.16402, 0.46296];

describe('a linear model of sparse rows', () => {
  it('has the weights of scikit-learn 1.9: LogisticRegression(C=1)', () => {
    const targets = Float64Array.from([0, 0, 1, 1, 2, 2].flatMap((label) => [0, 1, 2].map((k) => Number(k === label))));
    const weights = fitLinear({ rows: ROWS, of: ALL, outputs: 3, targets, link: 'softmax', penalty: 1 });
    expect(weights).toHaveLength(LOGISTIC.length);
    for (const [i, weight] of weights.entries()) expect(weight).toBeCloseTo(LOGISTIC[i] ?? Number.NaN, 2);
  });

  it('has the weights of scikit-learn 1.9: Ridge(alpha=1)', () => {
    const targets = Float64Array.of(2, 1, -1, 0, 3, 1.5);
    const weights = fitLinear({ rows: ROWS, of: ALL, outputs: 1, targets, link: 'identity', penalty: 1 });
    expect(weights).toHaveLength(RIDGE.length);
    for (const [i, weight] of weights.entries()) expect(weight).toBeCloseTo(RIDGE[i] ?? Number.NaN, 2);
  });

  it('learns from the rows that it is told of alone', () => {
    const targets = Float64Array.of(2, 1, -1, 0, 900, -900);
    const of = [0, 1, 2, 3];
    const weights = fitLinear({ rows: ROWS, of, outputs: 1, targets, link: 'identity', penalty: 1 });
    expect(Math.max(...weights.map(Math.abs))).toBeLessThan(3);
  });

  it('reads a row without the intercept', () => {
    const [first, second] = readRow(ROWS, 5, Float64Array.of(1, 10, 2, 20, 3, 30), 2);
    expect(first).toBeCloseTo(2.6, 10);
    expect(second).toBeCloseTo(26, 10);
  });
});
