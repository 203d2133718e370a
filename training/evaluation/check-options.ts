import { EXIT, UndertoneError } from '../../models/errors.ts';
import type { LocalModel } from '../../models/runtime/load-local-model.ts';
import type { Target } from '../datasets/targets.ts';
import type { MissingRates } from './presence.ts';
import type { Truth } from './score-predictions.ts';

/** @throws UndertoneError `unknown_modality` when something is to be missing that the model does not have */
export function requireModalities({ info }: Pick<LocalModel, 'info'>, missing: MissingRates): void {
  for (const modality of Object.keys(missing)) {
    if (!info.modalities.some(({ name }) => name === modality))
      throw new UndertoneError('unknown_modality', `the bundle has no modality ${modality}`, { exitCode: EXIT.usage });
  }
}

/**
 * @param dataset what is evaluated, as `--dataset` names it
 * @param truths of the samples of the split
 * @throws UndertoneError `eval_labels` when none has a label of the data set's kinds, so that nothing can be measured
 */
export function requireLabels(
  dataset: string,
  split: string,
  targets: readonly Target[],
  truths: readonly Truth[],
): void {
  if (truths.some((truth) => targets.some((target) => truth[target] !== undefined))) return;
  throw new UndertoneError(
    'eval_labels',
    `${dataset}: no sample of ${split} has a label (${targets.join(', ')}), so nothing can be measured; label some, or name another --split`,
  );
}

/** The options that change the samples themselves, by name: nothing of what is composed, or was encoded before. */
export function sampleOptions({
  faceHeight,
  backgrounds,
  spoken,
}: {
  readonly faceHeight?: number | undefined;
  readonly backgrounds?: string | undefined;
  readonly spoken?: number | undefined;
}): Readonly<Record<string, unknown>> {
  return { '--face-height': faceHeight, '--backgrounds': backgrounds, '--spoken': spoken };
}

/**
 * @param dataset what is evaluated, as `--dataset` names it
 * @param given values of options by name, those that would change nothing of the evaluation
 * @throws UndertoneError `eval_option` when one of them is given
 */
export function refuseOptions(dataset: string, given: Readonly<Record<string, unknown>>): void {
  for (const [option, value] of Object.entries(given)) {
    if (value !== undefined)
      throw new UndertoneError('eval_option', `${option} changes nothing of --dataset ${dataset}; leave it out`, {
        exitCode: EXIT.usage,
      });
  }
}
