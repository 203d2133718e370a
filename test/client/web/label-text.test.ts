import { expect, test } from 'vitest';
import { isMixed, labelText } from '../../../client/web/src/view/label-text.ts';

test.each([
  [1.2, 'positive', 'positive'],
  [0.3, 'negative', 'mixed, most likely negative'],
  [-0.3, 'positive', 'mixed, most likely positive'],
  [0.04, 'negative', 'negative'],
  [-0.04, 'positive', 'positive'],
  [-0.9, 'neutral', 'neutral'],
  [0.9, 'neutral', 'neutral'],
] as const)('%d with the label %s is called %s', (score, label, text) => {
  expect(labelText(score, label)).toBe(text);
  expect(isMixed(score, label)).toBe(text.startsWith('mixed'));
});

test('without a label there is nothing to call', () => {
  expect(labelText(1, null)).toBe('');
});
