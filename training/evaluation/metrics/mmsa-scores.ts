import { classificationReport } from './classification-report.ts';
import { correlation, mean } from './correlation.ts';
import { roundHalfEven } from './round-half-even.ts';
import { requireSameLength } from './same-length.ts';

/** Under the names that MMSA gives them. */
export interface MmsaScores {
  /** Accuracy of non-negative (>= 0) against negative. */
  readonly Has0_acc_2: number;
  /** Weighted F1 of the same. */
  readonly Has0_F1_score: number;
  /** Accuracy of positive (> 0) against the rest, over the items whose truth is not 0. */
  readonly Non0_acc_2: number;
  /** Weighted F1 of the same. */
  readonly Non0_F1_score: number;
  /** Accuracy of scores clipped to [-2, 2] and then rounded, halves to even. */
  readonly Mult_acc_5: number;
  /** Accuracy of scores clipped to [-3, 3] and then rounded, halves to even. */
  readonly Mult_acc_7: number;
  /** Mean absolute error, of unclipped scores. */
  readonly MAE: number;
  /** Pearson's correlation, of unclipped scores; NaN where either side is constant. */
  readonly Corr: number;
}

/**
 * The metrics of sentiment scores in [-3, 3], as MMSA defines them for CMU-MOSI and CMU-MOSEI (thuiar/MMSA,
 * `utils/metricsTop.py`, `__eval_mosei_regression`; Mao et al., ACL 2022), without its rounding to four digits.
 *
 * What has no item to be measured on is NaN: everything of an empty list, and Non0 where every truth is 0.
 */
export function mmsaScores(predicted: ArrayLike<number>, truth: ArrayLike<number>): MmsaScores {
  requireSameLength(predicted, truth);
  const scores = Float64Array.from(predicted);
  const labels = Float64Array.from(truth);
  const has0 = binary(scores, labels, (score) => score >= 0);
  const keep = (_: number, i: number): boolean => labels[i] !== 0;
  const non0 = binary(scores.filter(keep), labels.filter(keep), (score) => score > 0);
  return {
    Has0_acc_2: has0.accuracy,
    Has0_F1_score: has0.weightedF1,
    Non0_acc_2: non0.accuracy,
    Non0_F1_score: non0.weightedF1,
    Mult_acc_5: roundedAccuracy(scores, labels, 2),
    Mult_acc_7: roundedAccuracy(scores, labels, 3),
    MAE: mean(scores.map((score, i) => Math.abs(score - (labels[i] ?? Number.NaN)))),
    Corr: scores.length === 0 ? Number.NaN : correlation(scores, labels),
  };
}

function binary(
  scores: Float64Array,
  labels: Float64Array,
  test: (score: number) => boolean,
): { accuracy: number; weightedF1: number } {
  const name = (score: number): string => (test(score) ? 'yes' : 'no');
  return classificationReport(Array.from(scores, name), Array.from(labels, name));
}

function roundedAccuracy(scores: Float64Array, labels: Float64Array, limit: number): number {
  const level = (score: number): number => roundHalfEven(Math.min(limit, Math.max(-limit, score)));
  return mean(scores.map((score, i) => (level(score) === level(labels[i] ?? Number.NaN) ? 1 : 0)));
}
