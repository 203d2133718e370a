import { SENTIMENTS, type Calibration, type Prediction } from '../../models/model.ts';
import { softmax } from '../../models/softmax.ts';
import { calibrationError } from './metrics/calibration-error.ts';
import { roundedMetrics, type MetricRecord } from './metrics/metric-record.ts';
import type { Truth } from './score-predictions.ts';
import { argmax } from './argmax.ts';

/**
 * Expected calibration error of the sentiment over the samples that have one: `sentiment_ece` at the temperature of each
 * sample's presence pattern, as live sessions use it, and `sentiment_ece_uncalibrated` at 1.
 *
 * @param patterns of each prediction, as the calibration is keyed
 */
export function calibrationMetrics(
  predictions: readonly Prediction[],
  truths: readonly Truth[],
  patterns: readonly string[],
  calibration: Calibration,
): MetricRecord {
  const served: number[] = [];
  const plain: number[] = [];
  const right: boolean[] = [];
  for (const [i, { sentimentLogits }] of predictions.entries()) {
    const label = truths[i]?.sentiment;
    if (label === undefined) continue;
    const confidence = (temperature: number): number => Math.min(1, Math.max(...softmax(sentimentLogits, temperature)));
    served.push(confidence(calibration[patterns[i] ?? ''] ?? 1));
    plain.push(confidence(1));
    right.push(SENTIMENTS[argmax(sentimentLogits)] === label);
  }
  return roundedMetrics({
    sentiment_ece: calibrationError(served, right),
    sentiment_ece_uncalibrated: calibrationError(plain, right),
  });
}
