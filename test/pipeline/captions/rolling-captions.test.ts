import { describe, expect, test } from 'vitest';
import { parseCaptions } from '../../../pipeline/captions/parse-captions.ts';

/** As YouTube writes the captions of its recogniser. */
const YOUTUBE = `WEBVTT
Kind: captions
Language: en

00:00:00.160 --> 00:00:02.470 align:start position:0%
 
so<00:00:00.400><c> this</c><00:00:00.560><c> is</c><00:00:00.720><c> wonderful</c>

00:00:02.470 --> 00:00:02.480 align:start position:0%
so this is wonderful
 

00:00:02.480 --> 00:00:04.630 align:start position:0%
so this is wonderful
and<00:00:02.720><c> I</c><00:00:02.960><c> love</c><00:00:03.120><c> it</c>

00:00:04.630 --> 00:00:04.640 align:start position:0%
and I love it
 

00:00:04.640 --> 00:00:06.000 align:start position:0%
and I love it
much
`;

/** The same after ffmpeg has made SRT of it. */
const CONVERTED = [
  '1\n00:00:00,160 --> 00:00:02,470\n\nso this is wonderful\n',
  '2\n00:00:02,470 --> 00:00:02,480\nso this is wonderful\n \n',
  '3\n00:00:02,480 --> 00:00:04,630\nso this is wonderful\nand I love it\n',
  '4\n00:00:04,630 --> 00:00:04,640\nand I love it\n \n',
  '5\n00:00:04,640 --> 00:00:06,000\nand I love it\nmuch\n',
].join('\n');

function cues(text: string): [startMs: number, endMs: number, text: string][] {
  return parseCaptions(text).segments.map(({ start_ms, end_ms, text: words }) => [start_ms, end_ms, words]);
}

describe('captions that roll up say every word once', () => {
  test.each([
    ['YouTube', YOUTUBE, 9],
    ['converted to SRT', CONVERTED, 7],
  ])('%s', (_, text, line) => {
    expect(cues(text)).toEqual([
      [160, 2480, 'so this is wonderful'],
      [2480, 4640, 'and I love it'],
      [4640, 6000, 'much'],
    ]);
    const message = 'these captions roll: lines that 4 cues showed again were left out';
    expect(parseCaptions(text).warnings).toEqual([{ line, message }]);
  });

  test('a word that is said again', () => {
    const text =
      'WEBVTT\n\n00:01.000 --> 00:02.000\nNo.\n\n00:02.000 --> 00:02.010\nNo.\n\n00:02.010 --> 00:03.000\nNo.\nNo.\n';
    expect(cues(text)).toEqual([
      [1000, 2010, 'No.'],
      [2010, 3000, 'No.'],
    ]);
  });
});

test('lines that move up through a whole file, as of television, are said once', () => {
  const text = [
    '1\n00:00:00,901 --> 00:00:02,268\nWELCOME TO THE\n',
    '2\n00:00:02,270 --> 00:00:03,835\nWELCOME TO THE\nSHOW. I AM GLAD\n',
    '3\n00:00:03,837 --> 00:00:05,370\nSHOW. I AM GLAD\nYOU ARE HERE.\n',
    '4\n00:00:05,372 --> 00:00:07,370\nYOU ARE HERE.\n\\h\\hNO.\n',
  ].join('\n');
  expect(cues(text).map(([, , words]) => words)).toEqual(['WELCOME TO THE', 'SHOW. I AM GLAD', 'YOU ARE HERE.', 'NO.']);
});

describe('words that are highlighted one by one are said once', () => {
  const blocks = (marked: readonly string[]): string =>
    marked.map((line, i) => `${i + 1}\n00:00:0${i},000 --> 00:00:0${i + 1},000\n${line}\n`).join('\n');

  test.each([
    ['Whisper', ['<u>Oh</u> no', 'Oh no', 'Oh <u>no</u>']],
    ['in colour', ['<font color="#00ff00">Oh</font> no', 'Oh <font color="#00ff00">no</font>', 'Oh no']],
  ])('%s', (_, marked) => {
    const { segments, warnings } = parseCaptions(blocks([...marked, 'Yes.']));
    expect(segments.map(({ start_ms, end_ms, text }) => [start_ms, end_ms, text])).toEqual([
      [0, 1000 * marked.length, 'Oh no'],
      [1000 * marked.length, 1000 * (marked.length + 1), 'Yes.'],
    ]);
    const message = 'words are highlighted one by one: what 2 cues showed again was left out';
    expect(warnings).toEqual([{ line: 6, message }]);
  });

  test('a highlight that begins anew is said again, and so is one that stays', () => {
    const marked = ['<u>Oh</u> no', 'Oh <u>no</u>', '<u>Oh</u> no', 'Oh <u>no</u>', '<u>Yes.</u>', '<u>Yes.</u>'];
    expect(cues(blocks(marked)).map(([, , words]) => words)).toEqual(['Oh no', 'Oh no', 'Yes.', 'Yes.']);
  });

  test.each([
    ['later', 'Oh <u>no</u>', '00:01:30,000 --> 00:01:31,000'],
    ['directly after, in italics the first time', 'Oh no', '00:00:11,000 --> 00:00:12,000'],
  ])('what is said again %s is not joined, also where highlights move elsewhere', (_, again, times) => {
    const moving = blocks(['<u>So</u> good', 'So <u>good</u>']);
    const text = `${moving}\n7\n00:00:10,000 --> 00:00:11,000\n<i>Oh</i> no\n\n8\n${times}\n${again}\n`;
    const { segments } = parseCaptions(text);
    expect(segments.map(({ end_ms, text: words }) => [end_ms, words])).toEqual([
      [2000, 'So good'],
      [11_000, 'Oh no'],
      [expect.any(Number), 'Oh no'],
    ]);
  });
});

test('a voice goes on in the lines that are new', () => {
  const text =
    'WEBVTT\n\n00:01.000 --> 00:02.000\n<v Bob>Hello\nworld\n\n00:02.000 --> 00:03.000\n<v Bob>Hello\nworld\nnew<00:02.500> line\n';
  expect(parseCaptions(text).segments.map(({ text: words, speaker }) => [words, speaker])).toEqual([
    ['Hello world', 'Bob'],
    ['new line', 'Bob'],
  ]);
});

describe('what is said twice stays', () => {
  test.each([
    ['without the marks of rolling', ['00:01.000 --> 00:02.000\nNo.', '00:02.000 --> 00:03.000\nNo.']],
    [
      'a cue without length that says something else',
      ['00:01.000 --> 00:02.000\nNo.', '00:02.000 --> 00:02.000\nYes.'],
    ],
    ['a pause between', ['00:01.000 --> 00:02.000\nNo.', '00:02.100 --> 00:03.000\nNo.', '00:05.000 --> 00:05.010\nx']],
    [
      'times within words elsewhere',
      ['00:01.000 --> 00:02.000\nOh<00:01.500> no', '00:02.000 --> 00:03.000\nNo.', '00:03.000 --> 00:04.000\nNo.'],
    ],
    [
      'a refrain',
      [
        '00:01.000 --> 00:02.000\nLet it go\nlet it go',
        '00:02.000 --> 00:03.000\nlet it go\nno more',
        '00:03.000 --> 00:04.000\nThe cold',
        '00:04.000 --> 00:05.000\nnever bothered me',
      ],
    ],
    ['in italics first', ['00:01.000 --> 00:02.000\n<i>No.</i>', '00:02.000 --> 00:03.000\nNo.']],
    [
      'a line with times of its own',
      ['00:01.000 --> 00:02.000\nla <00:01.500>la', '00:02.000 --> 00:03.000\nla <00:02.500>la'],
    ],
  ])('%s', (_, blocks) => {
    const { segments, warnings } = parseCaptions(`WEBVTT\n\n${blocks.join('\n\n')}\n`);
    expect([segments.length, warnings]).toEqual([blocks.length, []]);
  });
});
