import { signed } from './provenance-text.ts';
import type { Result } from '../../../sdk/index.ts';

const SIGNS: Readonly<Record<string, string>> = { positive: '+', negative: '−' };

/**
 * Whether a label says the opposite of its score as shown. The label is the most likely one of three, the score an
 * estimate of the mean, so where something speaks for either side they can differ.
 */
export function isMixed(score: number, label: Result['label']): boolean {
  const sign = signed(score).charAt(0);
  return label !== 'neutral' && label !== null && (sign === '+' || sign === '−') && sign !== SIGNS[label];
}

/** The label in words. */
export function labelText(score: number, label: Result['label']): string {
  return isMixed(score, label) ? `mixed, most likely ${label}` : (label ?? '');
}
