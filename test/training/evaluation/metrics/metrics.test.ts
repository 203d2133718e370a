import { array, assert, constantFrom, double, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Sample } from '../../../../training/datasets/sample.ts';
import { calibrationError } from '../../../../training/evaluation/metrics/calibration-error.ts';
import { classificationReport } from '../../../../training/evaluation/metrics/classification-report.ts';
import { correlation } from '../../../../training/evaluation/metrics/correlation.ts';
import { classificationRecord, roundedMetrics } from '../../../../training/evaluation/metrics/metric-record.ts';
import { mmsaScores } from '../../../../training/evaluation/metrics/mmsa-scores.ts';
import { roundHalfEven } from '../../../../training/evaluation/metrics/round-half-even.ts';
import { majorityClass, trivialBaseline } from '../../../../training/evaluation/metrics/trivial-baseline.ts';

describe('roundHalfEven', () => {
  it.each([
    [0.5, 0],
    [1.5, 2],
    [2.5, 2],
    [-0.5, 0],
    [-1.5, -2],
    [-2.5, -2],
    [0.4999, 0],
    [0.5001, 1],
    [-2.51, -3],
    [3, 3],
  ])('%s becomes %s', (value, rounded) => expect(roundHalfEven(value) + 0).toBe(rounded));
});

describe('mmsaScores', () => {
  it('counts 0 as non-negative with zeros, and as not positive without', () => {
    // Truth 1, -1, 0; all predicted 0: with zeros right on 1 and 0, without zeros right on -1 alone.
    const scores = mmsaScores([0, 0, 0], [1, -1, 0]);
    expect([scores.Has0_acc_2, scores.Non0_acc_2]).toEqual([2 / 3, 1 / 2]);
  });

  it('clips before it rounds', () => {
    expect(mmsaScores([2.6, -9], [2, -3])).toMatchObject({ Mult_acc_5: 1, Mult_acc_7: 0.5, MAE: 3.3 });
  });

  it('takes the numbers that a model gives', () => {
    expect(mmsaScores(Float32Array.of(1, -1), [1, -1])).toMatchObject({ MAE: 0, Has0_acc_2: 1 });
  });

  it('has nothing to say of nothing', () => {
    expect(Object.values(mmsaScores([], []))).toEqual(Array.from({ length: 8 }, () => Number.NaN));
  });

  it('refuses lists of different lengths', () => {
    expect(() => mmsaScores([1], [1, 2])).toThrow('1 predictions do not fit 2 truths');
  });
});

describe('correlation', () => {
  it('is NaN for a constant whose mean rounds', () => {
    expect(correlation([0.1, 0.1, 0.1], [1, 2, 3])).toBeNaN();
  });

  it('stays in [-1, 1] and keeps under scaling', () => {
    // Squares of smaller numbers are 0, which NumPy divides by, too: first by the one deviation, then by the other.
    const value = double({ min: -3, max: 3, noNaN: true }).map((x) => (Math.abs(x) < 1e-100 ? 0 : x));
    assert(
      property(array(tuple(value, value), { minLength: 2 }), (pairs) => {
        const [a, b] = [pairs.map(([x]) => x), pairs.map(([, y]) => y)];
        const r = correlation(a, b);
        if (Number.isNaN(r)) return;
        expect(Math.abs(r)).toBeLessThanOrEqual(1);
        expect(correlation(b, a)).toBeCloseTo(r, 9);
      }),
    );
  });
});

describe('classificationReport', () => {
  const names = constantFrom('a', 'b', 'c');

  it('has an accuracy that is the recall weighted by support', () => {
    assert(
      property(array(tuple(names, names), { minLength: 1 }), (pairs) => {
        const report = classificationReport(
          pairs.map(([p]) => p),
          pairs.map(([, t]) => t),
        );
        const weighted = Object.values(report.perClass).reduce((sum, c) => sum + c.recall * c.support, 0);
        expect(weighted / report.n).toBeCloseTo(report.accuracy, 12);
        expect(report.confusion.flat().reduce((a, b) => a + b)).toBe(pairs.length);
      }),
    );
  });

  it('prints recalls of the classes that occur', () => {
    const record = classificationRecord(classificationReport(['a', 'b', 'b'], ['a', 'a', 'a']));
    expect(record).toEqual({ accuracy: 0.3333, weighted_f1: 0.5, macro_f1: 0.25, recall_a: 0.3333 });
  });

  it('has nothing to say of nothing', () => {
    expect(classificationRecord(classificationReport([], []))).toEqual({
      accuracy: null,
      weighted_f1: null,
      macro_f1: null,
    });
  });
});

describe('roundedMetrics', () => {
  it('rounds to four digits and has null for what is no number', () => {
    expect(roundedMetrics({ a: 0.123456, b: Number.NaN, c: -1 })).toEqual({ a: 0.1235, b: null, c: -1 });
  });
});

describe('calibrationError', () => {
  it.each([
    ['certain and right', [1, 1], [true, true], 0],
    ['certain and wrong', [1, 1], [false, false], 1],
    ['half right at half', [0.5, 0.5], [true, false], 0],
    // Bins (0.5, 0.6] and (0.8, 0.9]: 2/3 |1/2 - 0.56| + 1/3 |1 - 0.9|.
    ['two bins', [0.55, 0.57, 0.9], [true, false, true], (2 / 3) * 0.06 + (1 / 3) * 0.1],
    ['a confidence of 0', [0, 0.05], [false, false], 0.025],
  ])('%s', (_, confidences, right, expected) => {
    expect(calibrationError(confidences, right, 10)).toBeCloseTo(expected, 12);
  });

  it('closes bins above', () => {
    // 0.2 and 0.21 would cancel in one bin.
    expect(calibrationError([0.2, 0.21], [false, true], 5)).toBeCloseTo((0.2 + 0.79) / 2, 12);
  });

  it.each([Number.NaN, -0.1, 1.1])('refuses %s', (confidence) => {
    expect(() => calibrationError([confidence], [true])).toThrow('is not in [0, 1]');
  });

  it('has nothing to say of nothing', () => expect(calibrationError([], [])).toBeNaN());
});

const sample = (fields: Partial<Sample>): Sample => ({ id: '', split: 'train', ...fields });

describe('trivial baselines', () => {
  it.each([
    [['b', 'a', 'b'], 'b'],
    [['b', 'a'], 'a'],
    [[], undefined],
  ])('most frequent of %j is %s', (labels, expected) => expect(majorityClass(labels)).toBe(expected));

  it('predicts the most frequent class of the reference', () => {
    const reference = (['happy', 'happy', 'sad'] as const).map((emotion) => sample({ emotion }));
    const evaluated = [sample({ emotion: 'sad' }), sample({ emotion: 'happy' }), sample({ text: 'no emotion' })];
    expect(trivialBaseline('emotion', reference, evaluated)).toMatchObject({ accuracy: 0.5, recall_happy: 1 });
    expect(trivialBaseline('sentiment', reference, evaluated)).toEqual({});
  });

  it('predicts the mean score of the reference', () => {
    const reference = [1, 2, -1.5].map((score) => sample({ score }));
    const evaluated = [sample({ score: 1.5 }), sample({ score: -0.5 })];
    expect(trivialBaseline('score', reference, evaluated)).toEqual({
      Has0_acc_2: 0.5,
      Has0_F1_score: 0.3333,
      Non0_acc_2: 0.5,
      Non0_F1_score: 0.3333,
      Mult_acc_5: 0.5,
      Mult_acc_7: 0.5,
      MAE: 1,
      Corr: null,
    });
  });
});
