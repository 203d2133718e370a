import { SENTIMENTS, type Prediction } from '../../models/model.ts';
import { softmax } from '../../models/softmax.ts';
import type { Truth } from './score-predictions.ts';

const RATIO = (Math.sqrt(5) - 1) / 2;

/**
 * Temperature that makes the sentiment's probabilities likeliest (Guo et al., arXiv 1706.04599), by golden-section
 * search of its logarithm; 1 when no sample has a sentiment.
 */
export function fitTemperature(predictions: readonly Prediction[], truths: readonly Truth[]): number {
  const labelled = predictions.flatMap(({ sentimentLogits }, i) => {
    const label = SENTIMENTS.findIndex((name) => name === truths[i]?.sentiment);
    return label < 0 ? [] : [{ sentimentLogits, label }];
  });
  if (labelled.length === 0) return 1;
  const loss = (logT: number): number =>
    labelled.reduce(
      (sum, { sentimentLogits, label }) => sum - Math.log(softmax(sentimentLogits, Math.exp(logT))[label] ?? 1),
      0,
    );
  let [low, high] = [Math.log(0.2), Math.log(8)];
  for (let i = 0; i < 40; i++) {
    const a = high - RATIO * (high - low);
    const b = low + RATIO * (high - low);
    if (loss(a) < loss(b)) high = b;
    else low = a;
  }
  return Math.exp((low + high) / 2);
}
