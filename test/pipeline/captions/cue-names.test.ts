import { describe, expect, test } from 'vitest';
import { parseCaptions } from '../../../pipeline/captions/parse-captions.ts';

function told(words: readonly string[]): [text: string, speaker: string | undefined][] {
  const cues = words.map((line, i) => `00:0${i}.000 --> 00:0${i}.900\n${line}\n`);
  return parseCaptions(cues.join('\n')).segments.map(({ text, speaker }) => [text, speaker]);
}

describe('names before the words of a file', () => {
  test('of nearly every cue, as Zoom writes them', () => {
    const words = [
      'Joy Love: The meeting',
      'Ludwig van Berg: Really?',
      'ann: no',
      '王伟: 好',
      'ann: yes: no',
      'Joy Love: Oh',
      'hm',
    ];
    expect(told(words)).toEqual([
      ['The meeting', 'Joy Love'],
      ['Really?', 'Ludwig van Berg'],
      ['no', 'ann'],
      ['好', '王伟'],
      ['yes: no', 'ann'],
      ['Oh', 'Joy Love'],
      ['hm', undefined],
    ]);
  });

  test('of whoever begins to speak', () => {
    const words = ['Ann: so', 'good', 'Bob: and', 'Ann: well', 'now', 'I say this: no', 'Bob: that', 'is'];
    expect(told([...words, 'Ann: so', 'Bob: so']).map(([text]) => text)).toEqual(
      [...words, 'so', 'so'].map((text) => text.replace(/^(?:Ann|Bob): /, '')),
    );
  });

  test('with a warning', () => {
    const cues = ['Ann: so', 'Bob: no', 'Ann: well', 'Bob: good'];
    const text = cues.map((line, i) => `00:0${i}.000 --> 00:0${i}.900\n${line}\n`).join('\n');
    const message = 'names of speakers before the words of 4 cues were left out';
    expect(parseCaptions(text).warnings).toEqual([{ line: 1, message }]);
  });

  test('of one speaker, and none where two speak', () => {
    const words = ['Ann: so', 'Bob: no', 'Ann: well', '- Ann: so\n- Bob: no', 'Bob: so'];
    expect(told(words).slice(-2)).toEqual([
      ['- Ann: so - Bob: no', undefined],
      ['so', 'Bob'],
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
    expect(told(['<v Ann B>Ann: so', '<v Ann B>Ann: good', '<v Ann B>Ann: no'])).toEqual([
      ['so', 'Ann B'],
      ['good', 'Ann B'],
      ['no', 'Ann B'],
    ]);
  });
});

test.each([
  ['one cue alone', ['Ann: so good']],
  ['steps', ['Step 1: mix', 'Step 2: bake', 'Step 3: eat']],
  ['two cues', ['Warning: hot', 'Note: cold']],
  ['one word again and again', ['Remember: be kind', 'so', 'Remember: be good', 'so', 'Remember: no', 'so', 'well']],
  ['a few cues', ['Remember: be kind', 'so', 'Remember: be good', 'so', 'well']],
  ['sentences', ['so I said to him: no', 'and he said to me: yes', 'what he means: be kind']],
  ['a time', ['At 10:30 we', 'At 10:40 we', 'At 10:50 we']],
])('words with a colon stay: %s', (_, words) => {
  expect(told(words)).toEqual(words.map((text) => [text, undefined]));
});
