import { calibrationError } from './metrics/calibration-error.ts';
import { requireSameLength } from './metrics/same-length.ts';

export interface ReliabilityBin {
  /** Confidences above `low`, up to and including `high`. */
  readonly low: number;
  readonly high: number;
  readonly n: number;
  /** Mean confidence and share that is right; null of an empty bin. */
  readonly confidence: number | null;
  readonly accuracy: number | null;
}

export interface Reliability {
  readonly n: number;
  readonly accuracy: number;
  /** Expected calibration error over the same bins. */
  readonly ece: number;
  readonly bins: readonly ReliabilityBin[];
}

/** Confidence against how often it is right, in equally wide bins (arXiv 1706.04599, section 2). */
export function reliability(confidences: readonly number[], right: readonly boolean[], bins = 15): Reliability {
  requireSameLength(confidences, right);
  const groups = Array.from({ length: bins }, () => ({ n: 0, confidence: 0, right: 0 }));
  for (const [i, confidence] of confidences.entries()) {
    const group = groups[Math.max(0, Math.ceil(confidence * bins) - 1)];
    if (group === undefined) continue;
    group.n++;
    group.confidence += confidence;
    group.right += Number(right[i]);
  }
  return {
    n: confidences.length,
    accuracy: right.filter(Boolean).length / Math.max(1, right.length),
    ece: calibrationError(confidences, right, bins),
    bins: groups.map((group, i) => ({
      low: i / bins,
      high: (i + 1) / bins,
      n: group.n,
      confidence: group.n === 0 ? null : group.confidence / group.n,
      accuracy: group.n === 0 ? null : group.right / group.n,
    })),
  };
}
