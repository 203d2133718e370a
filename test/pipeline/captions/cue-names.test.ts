import { describe, expect, test } from 'vitest';
import { parseCaptions } from '../../../pipeline/captions/parse-captions.ts';

function told(words: readonly string[]): [text: string, speaker: string | undefined][] {
  const cues = words.map((line, i) => `00:0${i}.000 --> 00:0${i}.900\n${line}\n`);
  return parseCaptions(cues.join('\n')).segments.map(({ text, speaker }) => [text, speaker]);
}

describe('names before the words of a file', () => {
  test('of nearly every cue, as Zoom writes them', () => {
    const words = ['Joy Love: The meeting', 'Ludwig van Berg: Really?', 'ann: no', '王伟: 好', 'ann: yes: no', 'hm'];
    expect(told(words)).toEqual([
      ['The meeting', 'Joy Love'],
      ['Really?', 'Ludwig van Berg'],
      ['no', 'ann'],
      ['好', '王伟'],
      ['yes: no', 'ann'],
      ['hm', undefined],
    ]);
  });

  test('of whoever begins to speak', () => {
    const words = ['Ann: so', 'good', 'and', 'Ann: well', 'now', 'I say this: no', 'Ann: that', 'is'];
    expect(told(words).map(([text]) => text)).toEqual([
      'so',
      'good',
      'and',
      'well',
      'now',
      'I say this: no',
      'that',
      'is',
    ]);
  });

  test('with a mark before them, or in brackets', () => {
    const words = ['&gt;&gt; Ann: so', '- Ann: good', '[Ann]: well', '[SPEAKER_00]: no', '[SPEAKER_00]: yes'];
    expect(told(words)).toEqual([
      ['so', 'Ann'],
      ['good', 'Ann'],
      ['well', 'Ann'],
      ['no', 'SPEAKER_00'],
      ['yes', 'SPEAKER_00'],
    ]);
  });

  test('beside a voice', () => {
    expect(told(['<v Ann B>Ann: so', '<v Ann B>Ann: good'])).toEqual([
      ['so', 'Ann B'],
      ['good', 'Ann B'],
    ]);
  });
});

test.each([
  ['one cue alone', ['Ann: so good']],
  ['a few cues', ['Remember: be kind', 'so', 'Remember: be good', 'so', 'well']],
  ['sentences', ['so I said to him: no', 'and he said to me: yes', 'what he means: be kind']],
  ['a time', ['At 10:30 we', 'At 10:40 we', 'At 10:50 we']],
])('words with a colon stay: %s', (_, words) => {
  expect(told(words)).toEqual(words.map((text) => [text, undefined]));
});
