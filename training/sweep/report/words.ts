import type { Case, Phase } from '../plan.ts';
import type { Spread } from '../statistics.ts';

export const PHASE_WORDS: Readonly<Record<Phase, string>> = {
  testing: 'missing in testing only',
  training: 'missing in training and testing',
};

/** `text missing`, `video missing`, `frames missing`. */
export function caseWords({ modality, level }: Case): string {
  return level === 'frame' ? 'frames missing' : `${modality} missing`;
}

/** Three digits, zero without a sign; a dash for what cannot be measured. */
export function digits(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : value.toFixed(3).replace(/^-(0\.0+)$/, '$1');
}

/** `0.742 ± 0.003`, or without the deviation where there is none. */
export function spreadText({ mean, deviation }: Spread): string {
  return deviation === null ? digits(mean) : `${digits(mean)} ± ${digits(deviation)}`;
}
