import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupByLength, padTokens } from '../../../models/runtime/text-groups.ts';

describe('groupByLength', () => {
  it.each([
    { name: 'nothing', lengths: [], groups: [] },
    { name: 'short texts together', lengths: [3, 16, 1], groups: [[2, 0, 1]] },
    { name: 'a long one apart', lengths: [3, 60, 5], groups: [[0, 2], [1]] },
    { name: 'alike long ones together', lengths: [40, 60, 80], groups: [[0, 1, 2]] },
    { name: 'at most 3 in a group', lengths: [1, 1, 1, 1], groups: [[0, 1, 2], [3]] },
  ])('$name', ({ lengths, groups }) => {
    expect(groupByLength(lengths, 3)).toEqual(groups);
  });

  it('places every index once and never pads more than twice', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(500)), fc.integer({ min: 1, max: 9 }), (lengths, most) => {
        const groups = groupByLength(lengths, most);
        expect(groups.flat().sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i));
        for (const group of groups) {
          const sizes = group.map((i) => lengths[i] ?? 0);
          expect(group.length).toBeLessThanOrEqual(most);
          expect(Math.max(...sizes)).toBeLessThanOrEqual(Math.max(16, 2 * Math.min(...sizes)));
        }
      }),
    );
  });
});

describe('padTokens', () => {
  it('pads on the right and masks', () => {
    const { tokens, mask, length } = padTokens([Int32Array.of(5, 6, 7), Int32Array.of(8)], 9);
    expect([...tokens]).toEqual([5n, 6n, 7n, 8n, 9n, 9n]);
    expect([...mask]).toEqual([1, 1, 1, 1, 0, 0]);
    expect(length).toBe(3);
  });

  it('lets a text without tokens count one padding', () => {
    const { tokens, mask } = padTokens([new Int32Array(0)], 4);
    expect([[...tokens], [...mask]]).toEqual([[4n], [1]]);
  });
});
