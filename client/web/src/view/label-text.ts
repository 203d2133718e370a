import { percent, signed } from './provenance-text.ts';
import type { Result } from '../../../sdk/index.ts';

const SIGNS: Readonly<Record<string, string>> = { positive: '+', negative: '−' };

/**
 * Whether a label says the opposite of its score as shown. The label is the most likely one of three, the score an
 * estimate of the mean, so where something speaks for either side they can differ.
 */
function isMixed(score: Result['score'], label: Result['label']): boolean {
  if (score === null) return false;
  const sign = signed(score).charAt(0);
  return label !== 'neutral' && label !== null && (sign === '+' || sign === '−') && sign !== SIGNS[label];
}

/** The label and how sure it is, each in a few words. */
export function labelText({ score, label, confidence }: Pick<Result, 'score' | 'label' | 'confidence'>): {
  readonly label: string;
  readonly sure: string;
} {
  const mixed = isMixed(score, label);
  const sure = confidence === null ? [] : [`${percent(confidence)} sure`];
  return {
    label: mixed ? 'mixed' : (label ?? ''),
    sure: [...(mixed ? [`most likely ${label}`] : []), ...sure].join(', '),
  };
}
