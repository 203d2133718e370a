import { expect, it } from 'vitest';
import { Graph } from '../../../models/graph/graph.ts';
import { maskedMean } from '../../../models/graph/ops/index.ts';
import { outputsOf } from '../../support/run-graph.ts';

it('is the mean of the rows that the mask leaves, and zeros where it leaves none', async () => {
  const g = new Graph();
  const x = g.constant(Float32Array.of(2, 20, 4, 40, 9, 90, 1, 1, 1, 1, 1, 1), [2, 3, 2]);
  const { means = [] } = await outputsOf(g, {
    means: maskedMean(g, x, g.constant(Float32Array.of(1, 1, 0, 0, 0, 0), [2, 3])),
  });
  expect([...means].map((value) => Math.round(value * 1e3) / 1e3)).toEqual([3, 30, 0, 0]);
});
