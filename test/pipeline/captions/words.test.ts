import { describe, expect, it } from 'vitest';
import { keepEnd, sameWords, tidy, wordEnds } from '../../../pipeline/captions/words.ts';

describe('tidy', () => {
  it.each([
    ['  a\n b\t c ', 'a b c'],
    [' \n ', ''],
    ['\u200B\u2060 \uFEFF', ''],
    ['\0\u0007\u0085', ''],
    ['\u00AD\u3164', ''],
    ['\u200Bword\u200D', '\u200Bword\u200D'],
    ['👍', '👍'],
  ])('%j is %j', (text, expected) => {
    expect(tidy(text)).toBe(expected);
  });
});

describe('words', () => {
  it.each([
    ['', []],
    ['I', ['I']],
    ['I ate lunch.', ['I', 'I ate', 'I ate lunch.']],
    [
      "well-known, don't -- no",
      ['well-known,', "well-known, don't", "well-known, don't --", "well-known, don't -- no"],
    ],
    ['我喜欢，这个', ['我', '我喜', '我喜欢，', '我喜欢，这', '我喜欢，这个']],
    ['我有3个iPhone', ['我', '我有', '我有3', '我有3个', '我有3个iPhone']],
    ['コーヒーが', ['コ', 'コー', 'コーヒ', 'コーヒー', 'コーヒーが']],
    ['ดีที่', ['ดี', 'ดีที่']],
    ['𠮷野家', ['𠮷', '𠮷野', '𠮷野家']],
    ['저는 좋아요', ['저는', '저는 좋아요']],
  ])('of %j end where they should', (text, firsts) => {
    expect(Array.from(wordEnds(text), (end) => text.slice(0, end))).toEqual(firsts);
  });

  it.each([
    ['so i said no', 'So I said: no!', true],
    ['so i said no', 'so I said so', false],
  ])('%j and %j are the same: %s', (a, b, same) => {
    expect(sameWords(a, b)).toBe(same);
  });
});

describe('the end of a text that is too long', () => {
  it.each([
    ['is all of a text that is not', 'one two', 7, 'one two'],
    ['begins with a whole word', 'one two three', 10, 'two three'],
    ['begins in a word that is too long itself', 'unbroken', 4, 'oken'],
    ['begins at any letter of a script without spaces', '今日は楽しい ありがとう', 9, '楽しい ありがとう'],
    ['begins after the Latin word that was cut', 'hello 今日は楽しい', 9, '今日は楽しい'],
    ['begins with no half of a character', '😀😀😀', 3, '😀'],
  ])('%s', (_, text, maxLength, end) => {
    expect(keepEnd(text, maxLength)).toBe(end);
  });

  it('of Thai begins with a letter, and not with its mark', () => {
    expect(keepEnd('ที่นี่', 5)).toBe('นี่');
  });
});
