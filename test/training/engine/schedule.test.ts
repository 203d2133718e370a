import { expect, it } from 'vitest';
import { learningRateAt } from '../../../training/engine/schedule.ts';

const SCHEDULE = { steps: 110, peak: 2, warmup: 10, floor: 0.1 };

it.each([
  ['the first step already moves', 0, 0.2],
  ['half of the warm-up', 4, 1],
  ['the peak', 10, 2],
  ['a quarter of the decay', 35, 2 * (0.1 + 0.9 * 0.5 * (1 + Math.SQRT1_2))],
  ['half of the decay', 60, 1.1],
  ['the end', 110, 0.2],
  ['after the end', 500, 0.2],
])('%s', (_, step, rate) => {
  expect(learningRateAt(step, SCHEDULE)).toBeCloseTo(rate, 12);
});

it('starts at the peak without warm-up', () => {
  expect(learningRateAt(0, { ...SCHEDULE, warmup: 0 })).toBe(2);
});
