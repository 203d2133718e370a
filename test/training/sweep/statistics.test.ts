import { describe, expect, it } from 'vitest';
import { curvesOf } from '../../../training/sweep/curves.ts';
import { gapsOf } from '../../../training/sweep/gaps.ts';
import { METHODS } from '../../../training/sweep/methods.ts';
import { planUnits } from '../../../training/sweep/plan.ts';
import { areaUnder, spreadOf } from '../../../training/sweep/statistics.ts';
import type { UnitResult } from '../../../training/sweep/unit.ts';
import { verdictsOf } from '../../../training/sweep/verdicts.ts';

const measure = { name: 'accuracy', better: 'higher' } as const;
const methods = METHODS.filter(({ name }) => ['trml', 'zero-complete', 'video-only'].includes(name));
const SEEDS = [1, 2];

/** Accuracy falls with the rate, by a slope of the method, and differs by 0.02 between the seeds. */
const SLOPE: Readonly<Record<string, number>> = { trml: 0.1, 'zero-complete': 0.3, 'video-only': 0.05 };

function results(): UnitResult[] {
  const units = planUnits({
    set: 's',
    levels: ['sample'],
    methods,
    rates: [0, 0.5, 1],
    trainingRates: [0, 1],
    seeds: SEEDS,
    phases: ['testing', 'training'],
  });
  return units.map(({ set, method, seed, training, testing }) => ({
    set,
    method: method.name,
    seed,
    training,
    tests: testing.map((loss) => ({
      testing: loss,
      metrics: {
        accuracy:
          0.9 - (SLOPE[method.name] ?? 0) * (loss?.rate ?? 0) + (seed === 2 ? 0.02 : 0) - (training === null ? 0 : 0.1),
      },
    })),
    virtual: {},
    seconds: 1,
  }));
}

const curves = curvesOf({
  results: results(),
  phase: 'testing',
  levels: ['sample'],
  methods,
  seeds: SEEDS,
  rates: [0, 0.5, 1],
  measures: [measure],
});

describe('the plan', () => {
  const plan = (phases: readonly ('testing' | 'training')[]) =>
    planUnits({
      set: 's',
      levels: ['sample', 'frame'],
      methods,
      rates: [0, 0.5],
      trainingRates: [0.5, 1],
      seeds: [1],
      phases,
    });

  it('trains a method once for all that is missing in testing only', () => {
    expect(plan(['testing']).map(({ training, testing }) => [training, testing.length])).toEqual(
      methods.map(() => [null, 4]),
    );
  });

  it('trains it once more for each loss in training that it would see', () => {
    const count = (name: string): number => plan(['training']).filter(({ method }) => method.name === name).length;
    // Video of samples, of frames, and text, at two rates; video alone does not see the text.
    expect([count('trml'), count('video-only')]).toEqual([7, 5]);
  });

  it('tests every case of both phases', () => {
    for (const phase of ['testing', 'training'] as const) {
      const all = curvesOf({
        results: results(),
        phase,
        levels: ['sample'],
        methods,
        seeds: SEEDS,
        rates: [0, 1],
        measures: [measure],
      });
      expect(all).toHaveLength(6);
      for (const { points } of all) expect(points.every(({ value }) => value.n === 2)).toBe(true);
    }
  });
});

describe('statistics', () => {
  it('of several seeds', () => {
    expect(spreadOf([1, 2, null, 3])).toEqual({ mean: 2, deviation: 1, n: 3 });
    expect(spreadOf([1])).toEqual({ mean: 1, deviation: null, n: 1 });
    expect(spreadOf([null])).toEqual({ mean: null, deviation: null, n: 0 });
  });

  it.each([
    [
      'flat',
      [
        [0, 0.7],
        [1, 0.7],
      ],
      0.7,
    ],
    [
      'falling, points out of order and uneven',
      [
        [1, 0],
        [0, 1],
        [0.9, 0.1],
      ],
      0.5,
    ],
    [
      'over a part of the range',
      [
        [0.5, 1],
        [1, 0.5],
      ],
      0.75,
    ],
    ['a single point', [[0, 1]], null],
    [
      'a hole',
      [
        [0, 1],
        [0.5, null],
        [1, 0],
      ],
      null,
    ],
  ] as const)('area under a curve that is %s', (_, points, expected) => {
    const area = areaUnder(points.map(([rate, value]) => ({ rate, value })));
    expect(area === null ? null : Number(area.toFixed(12))).toBe(expected);
  });

  it('compares with everything observed, whether or not 0 is among the rates', () => {
    const [without] = curvesOf({
      results: results(),
      phase: 'training',
      levels: ['sample'],
      methods: methods.filter(({ name }) => name === 'zero-complete'),
      seeds: SEEDS,
      rates: [1],
      measures: [measure],
    });
    expect(without?.full.mean).toBeCloseTo(0.91, 12);
    expect(without?.drop.mean).toBeCloseTo(0.4, 12);
  });

  it('of a curve: means, deviation, drop', () => {
    const curve = curves.find(({ method, modality }) => method === 'zero-complete' && modality === 'text');
    expect(curve?.points.map(({ value }) => value.mean)).toEqual(
      [0.91, 0.76, 0.61].map((mean) => expect.closeTo(mean, 12)),
    );
    expect(curve?.points[0]?.value.deviation).toBeCloseTo(Math.SQRT1_2 * 0.02, 12);
    expect(curve?.drop.mean).toBeCloseTo(0.3, 12);
    expect(curve?.area.mean).toBeCloseTo(0.76, 12);
  });
});

describe('comparisons', () => {
  it('say what share of the gap is closed', () => {
    const gap = gapsOf(curves, measure).find(({ modality, rate }) => modality === 'video' && rate === 1);
    expect(gap).toMatchObject({
      zeros: expect.closeTo(0.61, 9),
      observed: expect.closeTo(0.91, 9),
      share: expect.closeTo(2 / 3, 9),
    });
  });

  it('name no share where zeros lose nothing', () => {
    const flat = curves.map((curve) => ({
      ...curve,
      full: spreadOf([0.9, 0.9]),
      points: curve.points.map((point) => ({ ...point, value: spreadOf([0.9, 0.9]) })),
    }));
    expect(gapsOf(flat, measure).every(({ share }) => share === null)).toBe(true);
  });

  it('count as ahead or behind only by more than the deviation', () => {
    const verdicts = verdictsOf(curves, measure).filter(({ modality }) => modality === 'text');
    const outcome = (other: string, rate: number): string | undefined =>
      verdicts.find((verdict) => verdict.other === other && verdict.rate === rate)?.outcome;
    expect([outcome('zero-complete', 0), outcome('zero-complete', 1)]).toEqual(['level', 'ahead']);
    expect([outcome('video-only', 0), outcome('video-only', 1)]).toEqual(['level', 'behind']);
  });

  it('turn round where lower is better', () => {
    const verdicts = verdictsOf(curves, { name: 'accuracy', better: 'lower' });
    expect(verdicts.find(({ other, rate }) => other === 'zero-complete' && rate === 1)?.outcome).toBe('behind');
  });
});
