import type { Prediction } from '../../models/model.ts';
import type { MetricRecord } from '../evaluation/metrics/metric-record.ts';
import { scorePredictions } from '../evaluation/score-predictions.ts';
import type { ClipTable } from './clip-table.ts';
import type { Predicted } from './predicted.ts';
import { tableTruths } from './table-truths.ts';

/** Predictions and the clips that they are of. */
export interface Tested {
  readonly predicted: Predicted;
  readonly table: ClipTable;
}

/**
 * Metrics of the predictions of several folds together: `sentiment_*`, `emotion_*` and MMSA's of the score, each over the
 * clips that have the label.
 */
export function tableMetrics(folds: readonly Tested[], emotions: readonly string[]): MetricRecord {
  const predictions = folds.flatMap(({ predicted }) =>
    Array.from({ length: predicted.n }, (_, i): Prediction => ({
      score: predicted.row('score', i)[0] ?? Number.NaN,
      logVariance: 0,
      sentimentLogits: predicted.row('sentiment', i),
      emotionLogits: predicted.row('emotion', i),
      virtual: {},
      timing: { queueMs: 0, computeMs: 0 },
    })),
  );
  const truths = folds.flatMap(({ table }) => tableTruths(table));
  const out: MetricRecord = {};
  for (const target of ['sentiment', 'emotion', 'score'] as const) {
    for (const [name, value] of Object.entries(scorePredictions(target, predictions, truths, emotions)))
      out[target === 'score' ? name : `${target}_${name}`] = value;
  }
  return out;
}
