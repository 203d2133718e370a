import { describe, expect, it } from 'vitest';

import { classificationReport } from '../../../../training/evaluation/metrics/classification-report.ts';
import { mmsaScores } from '../../../../training/evaluation/metrics/mmsa-scores.ts';
import reference from './reference.json' with { type: 'json' };

/** Rounds every number to twelve digits, in which two ways of computing agree; null stands for NaN. */
function plain(value: unknown): unknown {
  const text = JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'number' && Number.isFinite(inner) ? Number(inner.toFixed(12)) : inner,
  );
  return JSON.parse(text) as unknown;
}

describe('mmsaScores agrees with numpy and scikit-learn', () => {
  it.each(reference.scores)('on $name', ({ predicted, truth, expected }) => {
    expect(plain(mmsaScores(predicted, truth))).toEqual(plain(expected));
  });
});

describe('classificationReport agrees with scikit-learn', () => {
  it.each(reference.classes)('on $name', ({ predicted, truth, expected }) => {
    expect(plain(classificationReport(predicted, truth))).toEqual(plain({ n: truth.length, ...expected }));
  });
});
