import { evaluateComposed } from './evaluate-composed.ts';
import { evaluatePictures } from './evaluate-pictures.ts';
import { evaluate, type EvaluateOptions, type EvaluationResult } from './evaluate.ts';

/** What is evaluated beside the data sets, by the name that stands for it. */
const MADE: Readonly<Record<string, (options: EvaluateOptions) => Promise<EvaluationResult>>> = {
  composed: evaluateComposed,
  pictures: evaluatePictures,
};

/** Evaluates a model on a data set, on composed clips (`composed`), or its face finder on pictures (`pictures`). */
export function evaluateNamed(options: EvaluateOptions): Promise<EvaluationResult> {
  return (MADE[options.dataset] ?? evaluate)(options);
}
