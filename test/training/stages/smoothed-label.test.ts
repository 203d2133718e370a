import { expect, it } from 'vitest';
import { EMOTIONS } from '../../../training/datasets/emotions.ts';
import { smoothedLabel } from '../../../training/stages/smoothed-label.ts';

it.each([0, 0.1, 1])('keeps 1 - %d on the label and spreads the rest over all classes', (amount) => {
  const label = smoothedLabel('fear', amount);
  const other = amount / EMOTIONS.length;
  const wanted = EMOTIONS.map((name) => (name === 'fear' ? 1 - amount + other : other));
  expect(label).toEqual(wanted.map((share) => expect.closeTo(share, 12)));
  expect(label.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
});
