import { array, assert, integer, property, stringMatching, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';

import { learnMerges } from '../../../training/tokenizer/learn-merges.ts';
import { cutByDefinition } from './bpe-oracle.ts';

const spell = (word: string, count: number): [string[], number] => [Array.from(word), count];

/** Counts every pair anew for every merge. */
function learnByDefinition(words: [string[], number][], alphabet: string[], size: number, minCount: number) {
  const tokens = [...alphabet];
  const merges: [string, string][] = [];
  while (tokens.length < size) {
    const counts = new Map<string, number>();
    for (const [word, count] of words) {
      const cut = cutByDefinition(word, merges);
      for (let i = 0; i + 1 < cut.length; i++) {
        const pair = `${cut[i]} ${cut[i + 1]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + count);
      }
    }
    const [best] = [...counts]
      .filter(([, count]) => count >= minCount)
      .sort(([a, m], [b, n]) => n - m || compare(a.split(' '), b.split(' ')));
    if (best === undefined) break;
    const [left = '', right = ''] = best[0].split(' ');
    merges.push([left, right]);
    if (!tokens.includes(left + right)) tokens.push(left + right);
  }
  return { tokens, merges };
}

function compare(a: string[], b: string[]): number {
  const at = a[0] === b[0] ? 1 : 0;
  return (a[at] ?? '') < (b[at] ?? '') ? -1 : 1;
}

describe('learnMerges', () => {
  it('merges the most frequent pair first and counts what the merge changed', () => {
    const words = [spell('aab', 5), spell('ab', 4), spell('ba', 3)];
    const { tokens, merges } = learnMerges(words, ['a', 'b'], 5, 1);
    expect(merges).toEqual([
      ['a', 'b'],
      ['a', 'ab'],
      ['b', 'a'],
    ]);
    expect(tokens).toEqual(['a', 'b', 'ab', 'aab', 'ba']);
  });

  it.each([
    ['equals in the order of their spelling', [spell('ba', 2), spell('ab', 2)], 9, 1, ['ab', 'ba']],
    ['the first of a run from the left', [spell('aaa', 2)], 9, 1, ['aa', 'aaa']],
    ['nothing rarer than the least count', [spell('ab', 2), spell('ba', 1)], 9, 2, ['ab']],
    ['no more tokens than asked for', [spell('abab', 2)], 3, 1, ['ab']],
    ['nothing of words of one token', [spell('a', 9)], 9, 1, []],
  ])('takes %s', (_, words, size, minCount, made) => {
    expect(learnMerges(words, ['a', 'b'], size, minCount).tokens.slice(2)).toEqual(made);
  });

  it('refuses what the alphabet does not spell', () => {
    expect(() => learnMerges([spell('ac', 1)], ['a', 'b'], 5, 1)).toThrow('"c" is not in the alphabet');
  });

  it('learns what the definition says', () => {
    const words = array(tuple(stringMatching(/^[abc]{1,8}$/), integer({ min: 1, max: 9 })), { maxLength: 12 });
    assert(
      property(words, integer({ min: 3, max: 14 }), integer({ min: 1, max: 4 }), (list, size, minCount) => {
        const spelled = [...new Map(list)].map(([word, count]) => spell(word, count));
        const alphabet = ['a', 'b', 'c'];
        expect(learnMerges(spelled, alphabet, size, minCount)).toEqual(
          learnByDefinition(spelled, alphabet, size, minCount),
        );
      }),
      { numRuns: 300 },
    );
  });
});
