import { requireSameLength } from './same-length.ts';

export interface ClassReport {
  /** True positives over what was predicted as the class; 0 where nothing was. */
  readonly precision: number;
  /** True positives over what is of the class; 0 where nothing is. */
  readonly recall: number;
  /** 2 TP / (2 TP + FP + FN). */
  readonly f1: number;
  /** How many are of the class. */
  readonly support: number;
}

export interface ClassificationReport {
  readonly n: number;
  /** Share that was predicted right. */
  readonly accuracy: number;
  /** Mean F1 over the classes, weighted by support. */
  readonly weightedF1: number;
  /** Plain mean F1 over the classes. */
  readonly macroF1: number;
  /** The classes that occur in the truth or in the predictions, sorted. */
  readonly classes: readonly string[];
  readonly perClass: Readonly<Record<string, ClassReport>>;
  /** `confusion[i][j]`: how many of class i were predicted as class j. */
  readonly confusion: readonly (readonly number[])[];
}

/**
 * Accuracy, F1 scores and the confusion matrix of predicted class names.
 *
 * Definitions of scikit-learn 1.x: `accuracy_score`, `f1_score(average='weighted' | 'macro')`, `recall_score` and
 * `precision_score` with `zero_division=0`, `confusion_matrix`; classes are those of truth and predictions together.
 * Every share is NaN when there is nothing.
 */
export function classificationReport(predicted: readonly string[], truth: readonly string[]): ClassificationReport {
  requireSameLength(predicted, truth);
  const classes = [...new Set([...truth, ...predicted])].sort();
  const indexOf = new Map(classes.map((name, index) => [name, index]));
  const confusion = classes.map(() => classes.map(() => 0));
  let right = 0;
  for (const [i, name] of truth.entries()) {
    const row = confusion[indexOf.get(name) ?? -1];
    const column = indexOf.get(predicted[i] ?? '') ?? -1;
    if (row !== undefined) row[column] = (row[column] ?? 0) + 1;
    if (predicted[i] === name) right++;
  }
  const reports = classes.map((_, index) => classReport(confusion, index));
  return {
    n: truth.length,
    accuracy: right / truth.length,
    weightedF1: sum(reports.map(({ f1, support }) => f1 * support)) / truth.length,
    macroF1: sum(reports.map(({ f1 }) => f1)) / classes.length,
    classes,
    perClass: Object.fromEntries(reports.map((report, index) => [classes[index], report])),
    confusion,
  };
}

function classReport(confusion: readonly (readonly number[])[], index: number): ClassReport {
  const hits = confusion[index]?.[index] ?? 0;
  const support = sum(confusion[index] ?? []);
  const guesses = sum(confusion.map((row) => row[index] ?? 0));
  return {
    precision: share(hits, guesses),
    recall: share(hits, support),
    f1: share(2 * hits, support + guesses),
    support,
  };
}

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
