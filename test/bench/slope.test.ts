import { describe, expect, it } from 'vitest';
import { random } from '../../models/random.ts';
import { slopeOf } from './slope.ts';

const noise = (s: number): number => 37 * random('noise', s).uniform();
const at = (n: number, value: (s: number) => number) => Array.from({ length: n }, (_, s) => [s, value(s)] as const);

describe('slopeOf', () => {
  it('finds the slope of a line', () => {
    const { perS, error } = slopeOf(at(100, (s) => 7 + 3 * s));
    expect(perS).toBeCloseTo(3, 9);
    expect(error).toBeCloseTo(0, 9);
  });

  it('finds none in noise, as its error says', () => {
    const { perS, error } = slopeOf(at(400, (s) => 100 + noise(s)));
    expect(Math.abs(perS)).toBeLessThan(4 * error);
  });

  it('finds a leak below noise', () => {
    const { perS, error } = slopeOf(at(400, (s) => 0.5 * s + noise(s)));
    expect(perS).toBeGreaterThan(5 * error);
  });

  it('says nothing of too few points', () => {
    expect(slopeOf(at(2, (s) => s)).perS).toBeNaN();
  });
});
