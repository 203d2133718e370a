import { SENTIMENTS, type Prediction } from '../../models/model.ts';
import { EMOTIONS } from '../datasets/emotions.ts';
import type { MetricRecord } from '../evaluation/metrics/metric-record.ts';
import { scorePredictions, type Truth } from '../evaluation/score-predictions.ts';
import type { ClipTable } from './clip-table.ts';
import type { Predicted } from './predicted.ts';

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
  const truths = folds.flatMap(({ table }) => truthsOf(table));
  const out: MetricRecord = {};
  for (const target of ['sentiment', 'emotion', 'score'] as const) {
    for (const [name, value] of Object.entries(scorePredictions(target, predictions, truths, emotions)))
      out[target === 'score' ? name : `${target}_${name}`] = value;
  }
  return out;
}

function truthsOf({ n, score, sentiment, emotion }: ClipTable): Truth[] {
  return Array.from({ length: n }, (_, i) => {
    const known = score[i] ?? Number.NaN;
    return {
      score: Number.isNaN(known) ? undefined : known,
      sentiment: SENTIMENTS[sentiment[i] ?? -1],
      emotion: EMOTIONS[emotion[i] ?? -1],
    };
  });
}
