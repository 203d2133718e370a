import { describe, expect, it } from 'vitest';
import { fillDropoutMask } from '../../../training/engine/dropout-mask.ts';

const N = 200_000;
const mask = (rate: number, ...keys: (string | number)[]): Float32Array => {
  const data = new Float32Array(N);
  fillDropoutMask(data, rate, keys);
  return data;
};
const zeros = (data: Float32Array): number => data.reduce((count, x) => count + Number(x === 0), 0);

describe('dropout masks', () => {
  it.each([0.05, 0.1, 0.2, 0.5, 0.9])('drop a share of %d and keep the mean', (rate) => {
    const data = mask(rate, 1, 2);
    const deviation = Math.sqrt((rate * (1 - rate)) / N);
    expect(Math.abs(zeros(data) / N - rate)).toBeLessThan(5 * deviation);
    expect(new Set(data)).toEqual(new Set([0, Math.fround(1 / (1 - rate))]));
  });

  it('depend on the keys alone', () => {
    expect(mask(0.3, 1, 7, 'a')).toEqual(mask(0.3, 1, 7, 'a'));
  });

  it.each([
    ['another step', [1, 8, 'a']],
    ['another input', [1, 7, 'b']],
    ['another seed', [2, 7, 'a']],
  ])('are independent for %s', (_, keys) => {
    const a = mask(0.5, 1, 7, 'a');
    const b = mask(0.5, ...keys);
    const both = a.reduce((count, x, i) => count + Number(x === 0 && b[i] === 0), 0) / N;
    expect(Math.abs(both - 0.25)).toBeLessThan(5 * Math.sqrt((0.25 * 0.75) / N));
  });

  it.each([1, 2, 3, 64, 128, 1152])('do not repeat at a distance of %d', (distance) => {
    const data = mask(0.5, 3);
    let both = 0;
    for (let i = distance; i < N; i++) both += Number(data[i] === 0 && data[i - distance] === 0);
    expect(Math.abs(both / (N - distance) - 0.25)).toBeLessThan(5 * Math.sqrt((0.25 * 0.75) / N));
  });
});
