import { describe, expect, it } from 'vitest';
import { countWords, firstWords, sameWords, tidy } from '../../../pipeline/captions/words.ts';

describe('tidy', () => {
  it.each([
    ['  a\n b\t c ', 'a b c'],
    [' \n ', ''],
  ])('%j is %j', (text, expected) => {
    expect(tidy(text)).toBe(expected);
  });
});

describe('words', () => {
  it.each([
    ['', ['']],
    ['I', ['', 'I', 'I']],
    ['I ate lunch.', ['', 'I', 'I ate', 'I ate lunch.', 'I ate lunch.']],
  ])('of %j', (text, firsts) => {
    expect(firsts.map((_, count) => firstWords(text, count))).toEqual(firsts);
    expect(countWords(text)).toBe(new Set(firsts).size - 1);
  });

  it.each([
    ['so i said no', 'So I said: no!', true],
    ['so i said no', 'so I said so', false],
  ])('%j and %j are the same: %s', (a, b, same) => {
    expect(sameWords(a, b)).toBe(same);
  });
});
