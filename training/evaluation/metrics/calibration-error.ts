import { requireSameLength } from './same-length.ts';

/**
 * Expected calibration error: over equally wide bins of confidence, the mean distance between the share that is right
 * and the mean confidence, weighted by how many are in the bin (Guo et al., ICML 2017, equation 3).
 *
 * Bins are open below and closed above; a confidence of 0 is in the first. NaN when there is nothing.
 * @param confidences the predicted probability of each predicted class, in [0, 1]
 * @param right whether each prediction was right
 * @param bins 15 in the paper
 */
export function calibrationError(confidences: ArrayLike<number>, right: ArrayLike<boolean>, bins = 15): number {
  requireSameLength(confidences, right);
  const gaps = new Float64Array(bins);
  for (let i = 0; i < confidences.length; i++) {
    const confidence = confidences[i] ?? Number.NaN;
    if (!(confidence >= 0 && confidence <= 1)) throw new RangeError(`a confidence of ${confidence} is not in [0, 1]`);
    const bin = Math.max(0, Math.ceil(confidence * bins) - 1);
    gaps[bin] = (gaps[bin] ?? 0) + (right[i] === true ? 1 : 0) - confidence;
  }
  // A bin's weighted distance is |sum of right - sum of confidence| / n.
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / confidences.length;
}
