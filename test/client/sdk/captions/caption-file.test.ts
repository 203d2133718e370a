import { describe, expect, test } from 'vitest';
import { captionFile } from '../../../../client/sdk/index.ts';
import { gist } from './gist.ts';

const VTT = `WEBVTT

NOTE not words

00:01.000 --> 00:02.500
<v Ann>Tom &amp; I

00:04.000 --> 00:03.000
backwards

00:05.000 --> 00:06.000
are &lt;fine&gt;
`;
const SRT = '1\r\n00:00:00,500 --> 00:00:01,250\r\n<i>one</i>\r\n\r\n2\r\n00:00:02,000 --> 00:00:03,000\r\ntwo\r\n';

describe('captionFile', () => {
  test('WebVTT, with what was left out', () => {
    const { captions, warnings } = captionFile(VTT, { prefix: 'v', offsetMs: 10_000, language: 'en' });
    expect(captions.map(gist)).toEqual([
      'v-cue-1 r0 final 11000-12500 Tom & I',
      expect.stringMatching(/r0 final 15000-16000 are <fine>$/),
    ]);
    expect(captions.map(({ speaker, language }) => [speaker, language])).toEqual([
      ['Ann', 'en'],
      [undefined, 'en'],
    ]);
    expect(warnings).toEqual([{ line: 8, message: expect.stringContaining('cue skipped') }]);
  });

  test('SRT', () => {
    expect(captionFile(SRT, { prefix: 's' }).captions.map(gist)).toEqual([
      's-cue-1 r0 final 500-1250 one',
      's-cue-2 r0 final 2000-3000 two',
    ]);
  });

  test('what ended before media time 0 is left out; what is still said then begins with it', () => {
    const { captions } = captionFile(SRT, { prefix: 's', offsetMs: -2500 });
    expect(captions.map(gist)).toEqual(['s-cue-2 r0 final 0-500 two']);
    expect(captionFile(SRT, { offsetMs: -3001 }).captions).toEqual([]);
  });

  test.each(['', 'no cue at all', '{"type":"Turn"}'])('%j is bad_caption', (text) => {
    expect(() => captionFile(text)).toThrow(expect.objectContaining({ code: 'bad_caption' }));
  });
});
