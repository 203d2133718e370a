import { describe, expect, it } from 'vitest';
import { reliability } from '../../../training/evaluation/reliability.ts';

describe('reliability', () => {
  const found = reliability([0.55, 0.6, 0.95, 1], [true, false, true, true], 10);

  it('sorts predictions into bins that are closed above', () => {
    expect(found.bins.map(({ n }) => n)).toEqual([0, 0, 0, 0, 0, 2, 0, 0, 0, 2]);
    expect(found.bins[5]).toMatchObject({ low: 0.5, high: 0.6, accuracy: 0.5, confidence: expect.closeTo(0.575, 12) });
    expect(found.bins[0]).toMatchObject({ accuracy: null, confidence: null });
  });

  it('has the accuracy of all, and the error of the same bins', () => {
    expect(found.n).toBe(4);
    expect(found.accuracy).toBe(0.75);
    expect(found.ece).toBeCloseTo((0.075 + 0.025) / 2, 12);
  });

  it('refuses other numbers of the two', () => {
    expect(() => reliability([0.5], [])).toThrow(RangeError);
  });
});
