import { evaluateComposed } from './evaluate-composed.ts';
import { evaluatePictures } from './evaluate-pictures.ts';
import { evaluateLosses, type EvaluateOptions, type EvaluationResult } from './evaluate.ts';
import { evaluatePrepared } from './evaluate-prepared.ts';
import { isPrepared } from '../prepare/is-prepared.ts';
import type { MissingRates } from './presence.ts';

/** What is evaluated beside the data sets, by the name that stands for it. */
const MADE: Readonly<Record<string, (options: EvaluateOptions) => Promise<EvaluationResult>>> = {
  composed: evaluateComposed,
  pictures: evaluatePictures,
};

/**
 * Evaluates a model on a data set, on a file that `data prepare` made, on composed clips (`composed`), or its face finder on
 * pictures (`pictures`), with one thing after the other missing.
 *
 * @throws UndertoneError as `evaluate` and `evaluatePrepared`; `eval_option`, `teacher_missing`
 */
export async function evaluateNamed(
  options: Omit<EvaluateOptions, 'missing'>,
  losses: readonly MissingRates[] = [{}],
): Promise<EvaluationResult[]> {
  if (isPrepared(options.dataset)) return evaluatePrepared(options, losses);
  const made = MADE[options.dataset];
  if (made === undefined) return evaluateLosses(options, losses);
  const results: EvaluationResult[] = [];
  for (const missing of losses) results.push(await made({ ...options, missing }));
  return results;
}
