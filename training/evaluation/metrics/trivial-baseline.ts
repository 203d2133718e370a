import type { Sample } from '../../datasets/sample.ts';
import type { Target } from '../../datasets/targets.ts';
import { classificationReport } from './classification-report.ts';
import { mean } from './correlation.ts';
import { classificationRecord, type MetricRecord, roundedMetrics } from './metric-record.ts';
import { mmsaScores } from './mmsa-scores.ts';

/** What of a sample a baseline looks at. */
type Labels = Partial<Pick<Sample, Target>>;

/** Occurs most often; of several, the first in the alphabet. Undefined of nothing. */
export function majorityClass(labels: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return [...counts.keys()].sort().find((label) => counts.get(label) === most);
}

/**
 * What predicting the same for every sample would reach: the most frequent class, or the mean score.
 *
 * Samples without the target are left out on both sides, and the record is empty when one side has none.
 * @param reference where the constant comes from: the training split, or the evaluated one where there is no other
 */
export function trivialBaseline(
  target: Target,
  reference: readonly Labels[],
  evaluated: readonly Labels[],
): MetricRecord {
  if (target === 'score') {
    const truth = scoresOf(evaluated);
    const constant = mean(Float64Array.from(scoresOf(reference)));
    if (truth.length === 0 || Number.isNaN(constant)) return {};
    return roundedMetrics(
      mmsaScores(
        truth.map(() => constant),
        truth,
      ),
    );
  }
  const truth = labelsOf(target, evaluated);
  const constant = majorityClass(labelsOf(target, reference));
  if (truth.length === 0 || constant === undefined) return {};
  return classificationRecord(
    classificationReport(
      truth.map(() => constant),
      truth,
    ),
  );
}

function scoresOf(samples: readonly Labels[]): number[] {
  return samples.flatMap(({ score }) => (score === undefined ? [] : [score]));
}

function labelsOf(target: 'emotion' | 'sentiment', samples: readonly Labels[]): string[] {
  return samples.flatMap((sample) => {
    const label = sample[target];
    return label === undefined ? [] : [label];
  });
}
