import { describe, expect, it } from 'vitest';
import { curvesOf, type Curve } from '../../../training/sweep/curves.ts';
import { gapsOf } from '../../../training/sweep/gaps.ts';
import type { Level } from '../../../training/sweep/loss.ts';
import { METHODS } from '../../../training/sweep/methods.ts';
import { planUnits, type Phase } from '../../../training/sweep/plan.ts';
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

  it('tests a rate of training on heads that do not see what is missing, too', () => {
    const complete = plan(['training']).find(({ method }) => method.name === 'video-only');
    const lost = [0.5, 1].map((rate) => ({ modality: 'text', level: 'sample', rate }));
    expect(complete).toMatchObject({ training: null, testing: [null, ...lost] });
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

  it('counts a loss as positive whichever way is better', () => {
    const [falling] = curvesOf({
      results: results(),
      phase: 'testing',
      levels: ['sample'],
      methods: methods.filter(({ name }) => name === 'trml'),
      seeds: SEEDS,
      rates: [0, 1],
      measures: [{ name: 'accuracy', better: 'lower' }],
    });
    expect(falling?.drop.mean).toBeCloseTo(-0.1, 12);
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

  it('take everything observed from the heads that were trained so, whichever way is better', () => {
    const error = { name: 'error', better: 'lower' } as const;
    const one = (phase: Phase, level: Level, method: string, full: number, lost: number): Curve => ({
      phase,
      modality: 'video',
      level,
      method,
      measure: 'error',
      points: [
        { rate: 0, value: spreadOf([full]) },
        { rate: 1, value: spreadOf([lost]) },
      ],
      full: spreadOf([full]),
      area: spreadOf([full]),
      drop: spreadOf([full]),
    });
    const gaps = gapsOf(
      [
        one('testing', 'sample', 'trml', 0.3, 0.5),
        one('testing', 'sample', 'zero-complete', 0.2, 0.6),
        one('testing', 'frame', 'trml', 0.3, 0.3),
        one('testing', 'frame', 'zero-complete', 0.2, 0.6),
        one('training', 'sample', 'trml', 0.3, 0.8),
        one('training', 'sample', 'zero-complete', 0.2, 0.6),
      ],
      error,
    );
    expect(gaps).toEqual([
      expect.objectContaining({ level: 'sample', phase: 'testing', observed: 0.2, share: expect.closeTo(0.25, 9) }),
      expect.objectContaining({ level: 'frame', phase: 'testing', share: expect.closeTo(0.75, 9) }),
      expect.objectContaining({ level: 'sample', phase: 'training', share: expect.closeTo(-0.5, 9) }),
    ]);
  });

  it('name no share where zeros lose nothing', () => {
    const flat = curves.map((curve) => ({
      ...curve,
      full: spreadOf([0.9, 0.9]),
      points: curve.points.map((point) => ({ ...point, value: spreadOf([0.9, 0.9]) })),
    }));
    expect(gapsOf(flat, measure).every(({ share }) => share === null)).toBe(true);
  });

  it('name no share of a gap that is not larger than the deviation', () => {
    const flat = curves.map((curve) => ({ ...curve, full: spreadOf([0.6, 1]) }));
    // 0.8 on average, with a deviation of 0.28.
    expect(gapsOf(flat, measure).every(({ share }) => share === null)).toBe(true);
  });

  it('count as ahead or behind only by more than the deviation', () => {
    const verdicts = verdictsOf(curves, measure).filter(({ modality }) => modality === 'text');
    const outcome = (other: string, rate: number): string | undefined =>
      verdicts.find((verdict) => verdict.other === other && verdict.rate === rate)?.outcome;
    expect([outcome('zero-complete', 0), outcome('zero-complete', 1)]).toEqual(['level', 'ahead']);
    expect([outcome('video-only', 0), outcome('video-only', 1)]).toEqual(['level', 'behind']);
  });

  it.each([
    [0.025, 'ahead'],
    [0.015, 'level'],
    [-0.015, 'level'],
    [-0.025, 'behind'],
  ])('take the larger of the two deviations for the bar: %f is %s', (difference, outcome) => {
    const [trml, other] = curves.filter(({ method, modality }) => method !== 'video-only' && modality === 'text');
    const at = (curve: Curve | undefined, mean: number, deviation: number): Curve => ({
      ...(curve as Curve),
      points: [{ rate: 1, value: { mean, deviation, n: 2 } }],
    });
    for (const [own, others] of [
      [0.02, 0.001],
      [0.001, 0.02],
    ] as const) {
      const compared = verdictsOf([at(trml, 0.7 + difference, own), at(other, 0.7, others)], measure);
      expect(compared).toEqual([expect.objectContaining({ outcome, deviation: 0.02 })]);
    }
  });

  it('turn round where lower is better', () => {
    const verdicts = verdictsOf(curves, { name: 'accuracy', better: 'lower' });
    expect(verdicts.find(({ other, rate }) => other === 'zero-complete' && rate === 1)?.outcome).toBe('behind');
  });
});
