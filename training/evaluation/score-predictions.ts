import { SENTIMENTS, type Prediction } from '../../models/model.ts';
import type { Sample } from '../datasets/sample.ts';
import type { Target } from '../datasets/targets.ts';
import { argmax } from './argmax.ts';
import { classificationReport } from './metrics/classification-report.ts';
import { classificationRecord, roundedMetrics, type MetricRecord } from './metrics/metric-record.ts';
import { mmsaScores } from './metrics/mmsa-scores.ts';

/** Labels of a sample; undefined where it has none. */
export type Truth = Partial<Pick<Sample, Target>>;

/**
 * Metrics of predictions for one target, over the samples that have it: MMSA's for a score, accuracy and F1 for a class.
 * Empty when none has it.
 */
export function scorePredictions(
  target: Target,
  predictions: readonly Prediction[],
  truths: readonly Truth[],
  emotions: readonly string[],
): MetricRecord {
  const pairs = predictions.flatMap((prediction, i) => {
    const label = truths[i]?.[target];
    return label === undefined ? [] : [{ prediction, label }];
  });
  if (pairs.length === 0) return {};
  if (target === 'score')
    return roundedMetrics(
      mmsaScores(
        pairs.map(({ prediction }) => prediction.score),
        pairs.map(({ label }) => Number(label)),
      ),
    );
  const named = pairs.map(({ prediction }) =>
    target === 'sentiment'
      ? SENTIMENTS[argmax(prediction.sentimentLogits)]
      : emotions[argmax(prediction.emotionLogits)],
  );
  return classificationRecord(
    classificationReport(
      named.map((name) => name ?? ''),
      pairs.map(({ label }) => String(label)),
    ),
  );
}

/** Several targets' metrics in one record: those of the first as they are, the others with the target before the name. */
export function joinTargets(records: readonly (readonly [Target, MetricRecord])[]): MetricRecord {
  const classes = records.filter(([target, record]) => target !== 'score' && Object.keys(record).length > 0);
  return Object.fromEntries(
    records.flatMap(([target, record]) =>
      Object.entries(record).map(([name, value]) => [
        target === 'score' || classes.length === 1 ? name : `${target}_${name}`,
        value,
      ]),
    ),
  );
}
