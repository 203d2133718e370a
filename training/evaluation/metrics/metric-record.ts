import type { ClassificationReport } from './classification-report.ts';
import type { MmsaScores } from './mmsa-scores.ts';

/** Metrics as the manifest and `undertone eval` print them; null is what cannot be measured. */
export type MetricRecord = Record<string, number | null>;

/** Rounded to four digits, as MMSA prints them; NaN and infinities become null. */
export function roundedMetrics(values: Readonly<Record<string, number>> | MmsaScores): MetricRecord {
  const rounded = Object.entries(values).map(([name, value]: [string, number]) => {
    return [name, Number.isFinite(value) ? Math.round(value * 1e4) / 1e4 : null] as const;
  });
  return Object.fromEntries(rounded);
}

/** The record with `PREFIX_` before every name. */
export function prefixed(prefix: string, record: MetricRecord): MetricRecord {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [`${prefix}_${name}`, value]));
}

/** `accuracy`, `weighted_f1`, `macro_f1` and, per class that occurs in the truth, `recall_CLASS`. */
export function classificationRecord(report: ClassificationReport): MetricRecord {
  const recalls = Object.entries(report.perClass)
    .filter(([, { support }]) => support > 0)
    .map(([name, { recall }]) => [`recall_${name}`, recall] as const);
  return roundedMetrics({
    accuracy: report.accuracy,
    weighted_f1: report.weightedF1,
    macro_f1: report.macroF1,
    ...Object.fromEntries(recalls),
  });
}
