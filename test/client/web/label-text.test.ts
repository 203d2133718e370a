import { expect, test } from 'vitest';
import { labelText } from '../../../client/web/src/view/label-text.ts';

test.each([
  [1.2, 'positive', 0.7, 'positive', '70 % sure'],
  [0.3, 'negative', 0.48, 'mixed', 'most likely negative, 48 % sure'],
  [-0.3, 'positive', 0.997, 'mixed', 'most likely positive, over 99 % sure'],
  [0.04, 'negative', 0.5, 'negative', '50 % sure'],
  [-0.04, 'positive', 0.5, 'positive', '50 % sure'],
  [-0.9, 'neutral', 0.5, 'neutral', '50 % sure'],
  [0.9, 'neutral', 1, 'neutral', '100 % sure'],
  [0.9, 'negative', null, 'mixed', 'most likely negative'],
  [null, null, null, '', ''],
] as const)('%d, %s, %d is called %s, %s', (score, label, confidence, called, sure) => {
  expect(labelText({ score, label, confidence })).toEqual({ label: called, sure });
});
