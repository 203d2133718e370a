import { assert, asyncProperty, double, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Graph, type Value } from '../../../models/graph/graph.ts';
import { random } from '../../../models/random.ts';
import { gradients } from '../../../training/autodiff/gradients.ts';
import * as losses from '../../../training/losses/losses.ts';
import { outputsOf } from '../../support/run-graph.ts';
import * as reference from './reference.ts';

const draw = random('losses test');
const rows = (n: number, d: number): number[][] =>
  Array.from({ length: n }, () => Array.from({ length: d }, () => draw.normal()));
const constant = (g: Graph, data: reference.Rows): Value =>
  g.constant(Float32Array.from(data.flat()), [data.length, data[0]?.length ?? 0]);
const vector = (g: Graph, data: readonly number[]): Value => g.constant(Float32Array.from(data), [data.length]);

async function lossOf(build: (g: Graph) => Value): Promise<number> {
  const g = new Graph({ training: true });
  const { loss } = await outputsOf(g, { loss: build(g) });
  return loss?.[0] ?? Number.NaN;
}

describe('cosine distance', () => {
  const unit = [
    [1, 0],
    [0, 1],
    [0.6, 0.8],
  ];
  const observed = [
    [1, 0],
    [1, 0],
    [0.8, 0.6],
  ];

  it.each([
    ['every row', [1, 1, 1], (0 + 1 + 0.04) / 3],
    ['the rows that count', [1, 0, 1], 0.02],
    ['no row', [0, 0, 0], 0],
  ])('is the mean over %s', async (_, valid, wanted) => {
    const loss = await lossOf((g) =>
      losses.cosineDistance(g, constant(g, unit), constant(g, observed), vector(g, valid)),
    );
    expect(loss).toBeCloseTo(wanted, 4);
  });
});

describe('per-sample losses', () => {
  it('squared error and Gaussian negative log-likelihood', async () => {
    const g = new Graph();
    const [prediction, logVariance, target] = [
      [0.5, -2, 3],
      [0, 1.5, -3],
      [1, 1, 2.5],
    ] as const;
    const found = await outputsOf(g, {
      squared: losses.squaredError(g, vector(g, prediction), vector(g, target)),
      likelihood: losses.gaussianNll(g, vector(g, prediction), vector(g, logVariance), vector(g, target)),
    });
    for (const i of [0, 1, 2] as const) {
      expect(found['squared']?.[i]).toBeCloseTo((prediction[i] - target[i]) ** 2, 5);
      expect(found['likelihood']?.[i]).toBeCloseTo(reference.gaussianNll(prediction[i], logVariance[i], target[i]), 4);
    }
  });

  it('bounds the log-variance on both sides, so that a certain and wrong prediction has a finite loss', async () => {
    const g = new Graph();
    const { loss } = await outputsOf(g, {
      loss: losses.gaussianNll(g, vector(g, [0, 0]), vector(g, [-80, 80]), vector(g, [1, 1])),
    });
    expect(loss?.[0]).toBeCloseTo(reference.gaussianNll(0, -6, 1), 2);
    expect(loss?.[1]).toBeCloseTo(reference.gaussianNll(0, 4, 1), 4);
  });

  it.each([
    ['hard labels', [0, 1, 0]],
    ['soft labels', [0.2, 0.5, 0.3]],
    ['no label', [0, 0, 0]],
  ])('cross-entropy with %s', async (_, labels) => {
    const logits = rows(4, 3).map((row) => row.map((x) => 4 * x));
    const g = new Graph();
    const same = logits.map(() => labels);
    const { loss } = await outputsOf(g, { loss: losses.crossEntropy(g, constant(g, logits), constant(g, same)) });
    for (const [i, wanted] of reference.crossEntropy(logits, same).entries()) expect(loss?.[i]).toBeCloseTo(wanted, 4);
  });

  it('cross-entropy stays finite for logits far apart', async () => {
    const loss = await lossOf((g) => losses.crossEntropy(g, constant(g, [[300, -300]]), constant(g, [[0, 1]])));
    expect(loss).toBeCloseTo(600, 2);
  });
});

describe('weighted mean', () => {
  it.each([
    ['all count', [1, 1, 1, 1]],
    ['some count', [1, 0, 0, 1]],
    ['one counts twice', [2, 1, 0, 0]],
    ['none counts', [0, 0, 0, 0]],
  ])('%s', async (_, weights) => {
    const given = [1, 2, 4, 8];
    const loss = await lossOf((g) => losses.weightedMean(g, vector(g, given), vector(g, weights)));
    expect(loss).toBeCloseTo(reference.weightedMean(given, weights), 4);
  });
});

const matching = (
  virtual: reference.Rows,
  observed: reference.Rows,
  valid: readonly number[],
  symmetric = true,
  tau = 0.1,
): Promise<number> =>
  lossOf((g) =>
    losses.semanticMatching(g, constant(g, virtual), constant(g, observed), vector(g, valid), { tau, symmetric }),
  );

describe('semantic matching', () => {
  const virtual = reference.unitRows(rows(5, 6));
  const observed = reference.unitRows(rows(5, 6));

  it.each([
    ['symmetric, all valid', [1, 1, 1, 1, 1], true, 0.1],
    ['one-sided, all valid', [1, 1, 1, 1, 1], false, 0.1],
    ['symmetric, two invalid', [1, 0, 1, 0, 1], true, 0.07],
    ['one-sided, warm', [1, 1, 0, 1, 1], false, 1],
    ['one valid', [0, 0, 1, 0, 0], true, 0.1],
    ['none valid', [0, 0, 0, 0, 0], true, 0.1],
  ])('%s', async (_, valid, symmetric, tau) => {
    const wanted = reference.semanticMatching(virtual, observed, valid, { tau, symmetric });
    expect(await matching(virtual, observed, valid, symmetric, tau)).toBeCloseTo(wanted, 4);
  });

  it('is lowest where every virtual embedding is its observed one', async () => {
    const all = [1, 1, 1, 1, 1];
    const matched = await matching(observed, observed, all);
    expect(matched).toBeLessThan(await matching(virtual, observed, all));
    expect(matched).toBeLessThan(await matching([...observed.slice(1), ...observed.slice(0, 1)], observed, all));
  });

  it('does not depend on invalid samples, whatever they hold', async () => {
    const valid = [1, 0, 1, 1, 0];
    const wanted = await matching(virtual, observed, valid);
    const unit = tuple(double({ min: -1, max: 1, noNaN: true }), double({ min: -1, max: 1, noNaN: true }));
    await assert(
      asyncProperty(unit, unit, async ([a, b], [c, d]) => {
        const other = (given: reference.Rows, x: number, y: number): number[][] =>
          given.map((row, i) => (valid[i] === 1 ? [...row] : row.map((v, k) => (k % 2 === 0 ? x : y) * v)));
        expect(await matching(other(virtual, a, b), other(observed, c, d), valid)).toBeCloseTo(wanted, 5);
      }),
      { numRuns: 8 },
    );
  });

  it('has a finite gradient, which is zero for invalid samples', async () => {
    const g = new Graph({ training: true });
    const given = g.input('virtual', [5, 6]);
    const valid = [1, 0, 1, 1, 0];
    const loss = losses.semanticMatching(g, given, constant(g, observed), vector(g, valid), {
      tau: 0.1,
      symmetric: true,
    });
    const gradient = gradients(g, loss, [given]).get(given) as Value;
    const feeds = { virtual: { type: 'float32' as const, dims: [5, 6], data: Float32Array.from(virtual.flat()) } };
    const { out = [] } = await outputsOf(g, { out: gradient }, feeds);
    const sizes = valid.map((_, i) => Math.hypot(...out.slice(6 * i, 6 * i + 6)));
    expect(sizes.every(Number.isFinite)).toBe(true);
    expect(sizes.map((size) => size !== 0)).toEqual(valid.map((v) => v === 1));
  });
});

describe('supervised contrastive loss', () => {
  const anchors = reference.unitRows(rows(4, 6));
  const others = reference.unitRows(rows(5, 6));
  const loss = (target: { affinity: reference.Rows; valid: number[]; columns: number[] }, tau: number) =>
    lossOf((g) =>
      losses.supervisedContrastive(
        g,
        constant(g, anchors),
        constant(g, others),
        {
          affinity: constant(g, target.affinity),
          valid: vector(g, target.valid),
          columns: vector(g, target.columns),
        },
        tau,
      ),
    );

  it.each([
    [
      'one positive each',
      { affinity: [0, 1, 2, 3].map((i) => [0, 1, 2, 3, 4].map((j) => Number(i === j))), valid: [1, 1, 1, 1] },
    ],
    ['several positives', { affinity: [0, 1, 2, 3].map(() => [0.5, 0.5, 0, 0, 0]), valid: [1, 1, 1, 1] }],
    ['rows without a positive', { affinity: [1, 0, 1, 0].map((v) => [v, 0, 0, 0, 0]), valid: [1, 0, 1, 0] }],
    ['soft positives', { affinity: [0, 1, 2, 3].map(() => [0.1, 0.2, 0.3, 0.4, 0]), valid: [1, 1, 0, 1] }],
  ])('%s', async (_, target) => {
    for (const columns of [
      [1, 1, 1, 1, 1],
      [1, 1, 1, 1, 0],
    ]) {
      const given = { ...target, columns };
      expect(await loss(given, 0.1)).toBeCloseTo(reference.supervisedContrastive(anchors, others, given, 0.1), 4);
    }
  });
});
