import { describe, expect, test } from 'vitest';
import { speechOf } from '../../../pipeline/captions/speech-of.ts';

describe('speechOf leaves out', () => {
  test.each([
    ['[MUSIC]', ''],
    ['[Music] [Applause]', ''],
    ['[ __ ]', ''],
    ['[upbeat jazz playing].', ''],
    ['(applause)', ''],
    ['(Laughter)', ''],
    ['(SHE SIGHS)', ''],
    ['(indistinct chatter)', ''],
    ['(speaking French)', ''],
    ['- (door slams)', ''],
    ['（拍手）', ''],
    ['［音楽］', ''],
    ['♪ ♪', ''],
    ['♪♪', ''],
    ['♪ (upbeat music) ♪', ''],
    ['<v Bob>', ''],
    ['ANNA:', ''],
    ['>>', ''],
    ['I [laughs] love it', 'I love it'],
    ['I love it [laughs], really', 'I love it, really'],
    ['[laughs], yes', 'yes'],
    ['[laughs], [sighs], yes', 'yes'],
    ['[laughs] ...and then', '...and then'],
    [':) I [laughs] love it', ':) I love it'],
    ['[music] .5 percent', '.5 percent'],
    ['[ALL]: they are. [TEAM]: they are not', 'they are. they are not'],
    ['that is (sighs) fine (clears throat)', 'that is fine'],
    ['she said (IN FRENCH) hello', 'she said hello'],
    ['she said (in Japanese) hello', 'she said hello'],
    ['♪ what a wonderful world ♪', 'what a wonderful world'],
    ['<v Bob>so good</v>', 'so good'],
    ['<v.loud Mary Ann>so good', 'so good'],
    ['ANNA: so good', 'so good'],
    ['DR. O’NEILL #2: so good', 'so good'],
    ['so good. BOB: not at all', 'so good. not at all'],
    ['- ANNA: hi - BOB: ho', '- hi - ho'],
    ['>> so good', 'so good'],
    ['>>BOB: SO GOOD', 'SO GOOD'],
    ['>> Mary Ann: so good', 'so good'],
    ['>>> so good >> not at all', 'so good not at all'],
    ['Speaker 1: so good', 'so good'],
    ['SPEAKER_00: so good', 'so good'],
    ['[BOB]: so good', 'so good'],
    ['АННА: хорошо', 'хорошо'],
    ['MEI: 好', '好'],
  ])('%s', (text, words) => expect(speechOf(text)).toBe(words));
});

describe('speechOf keeps', () => {
  test.each([
    'what a lovely day',
    'remember: be kind',
    'Listen: I was there',
    'WARNING: DO NOT ENTER',
    'it is 3:00 now',
    'see https://example.org/a:b',
    '(I love you)',
    "(Don't tell him)",
    '(do you hear the music?)',
    'my brother (the tall one) laughs',
    'the agency (NASA) said so',
    'we met (in Japan) last year',
    'I moved (in March) again',
    'fine (in which case we go)',
    'Bob (speaking of which) called',
    'good (such a sad song)',
    'good (the music was bad)',
    'he left (the crowd was angry)',
    'sure (thanks for the feedback)',
    'i < 3 and > 2',
    'so [good',
    'well :( and :)',
    'I love music and applause',
    '...',
    '🙂',
    `[${'word '.repeat(40)}]`,
  ])('%s', (text) => expect(speechOf(text)).toBe(text.trim()));

  test('spaces as they are counted', () => {
    expect(speechOf('  so \n good ')).toBe('so good');
    expect(speechOf(' \u200b ')).toBe('');
  });
});

// A million characters take minutes where the work grows with their square. The note is a mark, without which there is none.
test.each<[part: string, said: (times: number) => string]>([
  ...['[a', '(a ', '<v ', 'A ', '- A', 'A. '].map((part): [string, (times: number) => string] => [
    part,
    (times) => part.repeat(times).trim(),
  ]),
  ...['[', '(', '（', '♪ ('].map((part): [string, () => string] => [part, () => '']),
  ['>> A', (times) => `A${'>> A'.repeat(times - 1)}`],
  ['— AA: ', (times) => `${'— AA: '.repeat(times - 1)}—`],
])('the work is in proportion to the text: many times %j', (part, said) => {
  const times = Math.ceil(1_000_000 / part.length);
  expect(speechOf(`${part.repeat(times)} ♪`) === said(times)).toBe(true);
});
