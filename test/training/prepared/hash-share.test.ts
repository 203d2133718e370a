import { describe, expect, it } from 'vitest';
import { hashedPart } from '../../../training/prepared/hash-share.ts';

const clips = (n: number, size: number) =>
  Array.from({ length: n }, (_, i) => ({ id: `${i}`, ...(size > 1 ? { group: `talk ${Math.floor(i / size)}` } : {}) }));

describe('the part of clips that a hash tells', () => {
  it.each([1, 8])('is about half of them in groups of %i, and cuts none', (size) => {
    const part = hashedPart('calibration', clips(800, size), 0.5);
    const n = part.filter(Boolean).length;
    expect(n).toBeGreaterThan(280);
    expect(n).toBeLessThan(520);
    for (let i = 0; i < part.length; i += size) expect(new Set(part.slice(i, i + size)).size).toBe(1);
  });

  it.each([
    [2, 1],
    [20, 10],
    [20, 20],
  ])('has some, and leaves some, of %i clips in groups of %i', (n, size) => {
    for (const purpose of ['a', 'b', 'c', 'd', 'e', 'f'])
      expect(new Set(hashedPart(purpose, clips(n, size), 0.5))).toEqual(new Set([true, false]));
  });
});
