import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasCode } from '../../../models/errors.ts';
import { Caption } from '../../../pipeline/protocol/index.ts';
import { parseCaptions } from '../../../pipeline/captions/parse-captions.ts';

const VTT = [
  '\uFEFFWEBVTT - title',
  'Kind: captions',
  '',
  'NOTE a remark',
  'over two lines',
  '',
  'STYLE',
  '::cue { color: red }',
  '',
  'first',
  '00:01.000 --> 00:02.500 line:80% align:start',
  '<v.loud Ann Bee>Tom &amp; <i>Jerry</i> &lt;3</v>',
  'second line',
  '',
  '01:00:00.000 --> 01:00:01.000',
  'an hour later',
  '',
  '00:02.000 --> 00:02.000',
  'overlaps, no length',
].join('\r\n');

const SRT = [
  '1',
  '00:00:01,000 --> 00:00:02,500 X1:2 X2:3',
  '{\\an8}<font color="red">Hello</font> & you &#39;there&#x27; 1 < 2',
  '',
  '2',
  '00:00:03.5-->00:00:04',
  'a dot, no spaces',
  '3',
  '00:00:05,000 --> 00:00:06,000',
  'the blank line before was missing',
  '',
].join('\n');

describe('a readable file', () => {
  test('WebVTT: BOM, CRLF, header, notes, styles, settings, voices, tags, entities, missing hours', () => {
    expect(parseCaptions(VTT)).toEqual({
      segments: [
        { segment_id: 'cue-1', start_ms: 1000, end_ms: 2500, text: 'Tom & Jerry <3 second line', speaker: 'Ann Bee' },
        { segment_id: 'cue-3', start_ms: 2000, end_ms: 2000, text: 'overlaps, no length' },
        { segment_id: 'cue-2', start_ms: 3_600_000, end_ms: 3_601_000, text: 'an hour later' },
      ],
      warnings: [],
    });
  });

  test('SRT: comma and dot, coordinates, fonts, overrides, entities, missing blank lines', () => {
    expect(parseCaptions(SRT)).toEqual({
      segments: [
        { segment_id: 'cue-1', start_ms: 1000, end_ms: 2500, text: "Hello & you 'there' 1 < 2" },
        { segment_id: 'cue-2', start_ms: 3500, end_ms: 4000, text: 'a dot, no spaces' },
        { segment_id: 'cue-3', start_ms: 5000, end_ms: 6000, text: 'the blank line before was missing' },
      ],
      warnings: [],
    });
  });

  test.each([
    ['two voices have no one speaker', '<v A>hi</v> <v B>ho</v>', 'hi ho', undefined],
    ['inner timestamps', 'one <00:00:01.500>two <c.yellow>three</c>', 'one two three', undefined],
    ['ruby keeps the base text', '<ruby>漢<rt>kan</rt>字<rt>ji</rt></ruby>', '漢字', undefined],
    ['unknown entities stay', 'a &foo; b &#0; c &#55296; d', 'a &foo; b &#0; c &#55296; d', undefined],
    ['named entities', 'well&hellip; caf&eacute; &mdash; &frac12;&NBSP;h &copy', 'well… café — ½ h &copy', undefined],
    ['an entity is resolved once', '&amp;lt;', '&lt;', undefined],
    ['a lone bracket is text', 'if a < b and c > d', 'if a < b and c > d', undefined],
    ['a speaker with an entity', '<v Tom &amp; Ann>x', 'x', 'Tom & Ann'],
    ['a tag that is not closed is text', 'a <b>c</b> <i d', 'a c <i d', undefined],
    ['a voice that is not closed is text', 'a <v Ann', 'a <v Ann', undefined],
    ['an annotation without an end', '<ruby>漢<rt>kan', '漢', undefined],
    ['an annotation that is not closed', '漢<rt kan', '漢<rt kan', undefined],
    ['styles', '{\\an8}a {b} {\\i1', 'a {b} {\\i1', undefined],
    ['spaces and breaks of SubStation', '\\h\\hso\\Ngood', 'so good', undefined],
    ['a break after a letter', 'Q:\\NWhat', 'Q: What', undefined],
    ['a path of Windows', 'in C:\\New and D:\\a\\home', 'in C:\\New and D:\\a\\home', undefined],
  ])('%s', (_, payload, text, speaker) => {
    const [segment] = parseCaptions(`WEBVTT\n\n00:00.000 --> 00:01.000\n${payload}\n`).segments;
    expect([segment?.text, segment?.speaker]).toEqual([text, speaker]);
  });

  // A million characters take minutes where the work grows with their square.
  test.each(['<v ', '<v.', '<a', '<rt', '<rt>', '</', '{\\', '<1:', '&#', ' \t', '<v.a\t'])(
    'many times %j',
    (markup) => {
      const payload = markup.repeat(1_000_000 / markup.length);
      for (const end of ['', 'x', '>', '}'])
        expect(parseCaptions(`WEBVTT\n\n00:00.000 --> 00:01.000\nwords\n${payload}${end}\n`).segments).toHaveLength(1);
    },
  );

  test('times in parts of a millisecond', () => {
    const { segments } = parseCaptions('0:00:01.123456 --> 0:00:02,9996\nx\n');
    expect(segments).toEqual([{ segment_id: 'cue-1', start_ms: 1123, end_ms: 3000, text: 'x' }]);
  });

  test('a WebVTT file without cues is empty, not broken', () => {
    expect(parseCaptions('WEBVTT\n\nNOTE nothing was said\n')).toEqual({ segments: [], warnings: [] });
  });
});

describe('where a cue ends', () => {
  test.each([
    ['WebVTT: an empty line, not one of blanks', 'WEBVTT\n\n00:01.000 --> 00:02.000\n \nso\n\t\nwhat\n', ['so what']],
    ['SRT: a line of blanks, too', '00:01,000 --> 00:02,000\nso\n \n2\n00:03,000 --> 00:04,000\nwhat', ['so', 'what']],
    ['an empty line above the words, as ffmpeg writes it', '00:01,000 --> 00:02,000\n\nso\n\nx\n', ['so']],
    ['lines that end with CR CR LF', '00:01,000 --> 00:02,000\r\r\nso\r\r\nwhat\r\r\n', ['so what']],
    ['no words before the next cue', '1\n00:01,000 --> 00:02,000\n\n2\n00:03,000 --> 00:04,000\nso', ['so']],
    ['an arrow among the words', '00:01,000 --> 00:02,000\nGo --> there\n2 --> 3\n\nx\n', ['Go --> there 2 --> 3']],
  ])('%s', (_, text, words) => {
    expect(parseCaptions(text).segments.map((segment) => segment.text)).toEqual(words);
  });
});

describe('what is left out is reported with its line', () => {
  const good = '00:00:09.000 --> 00:00:10.000\ngood\n';
  test.each([
    ['a bad start', `bad --> 00:01.000\nx\n\n${good}`, 1, 'cue skipped: its start is not a time'],
    ['a bad end', `00:01.000 --> soon\nx\n\n${good}`, 1, 'cue skipped: its end is not a time'],
    ['no end', `00:01.000 -->\nx\n\n${good}`, 1, "cue skipped: its end '' is not a time"],
    ['words', `I love you --> 00:01.000\nx\n\n${good}`, 1, 'cue skipped: its start is not a time'],
    ['61 seconds', `00:61.000 --> 00:62.000\nx\n\n${good}`, 1, "cue skipped: its start '00:61.000' is not a time"],
    ['backwards', `00:02.000 --> 00:01.000\nx\n\n${good}`, 1, 'cue skipped: it ends before it starts'],
    ['before zero', `-00:02.000 --> -00:01.000\nx\n\n${good}`, 1, 'cue skipped: it ends before 0'],
    ['no text', `00:01.000 --> 00:02.000\n<i></i>\n\n${good}`, 1, 'cue skipped: it has no text'],
    ['text without width', `00:01.000 --> 00:02.000\n&#8203;\u2060\n\n${good}`, 1, 'cue skipped: it has no text'],
    ['stray text', `${good}\nstray\n\n`, 4, 'text outside a cue ignored'],
  ])('%s', (_, text, line, message) => {
    const { segments, warnings } = parseCaptions(text);
    expect(segments.map((segment) => segment.text)).toEqual(['good']);
    expect(warnings).toEqual([{ line, message }]);
  });

  test('a cue that begins before 0 is kept from 0', () => {
    expect(parseCaptions('-00:00:01,000 --> 00:00:02,000\nx\n')).toEqual({
      segments: [{ segment_id: 'cue-1', start_ms: 0, end_ms: 2000, text: 'x' }],
      warnings: [{ line: 1, message: 'negative cue time set to 0' }],
    });
  });

  test('the same words at the same time, as in layers of ASS', () => {
    const cue = '00:01.000 --> 00:02.000\nNo.\n\n';
    const { segments, warnings } = parseCaptions(`${cue}${cue}${cue.replace('No.', '<v Ann>No.')}${good}`);
    expect(segments.map(({ text, speaker }) => [text, speaker])).toEqual([
      ['No.', undefined],
      ['No.', 'Ann'],
      ['good', undefined],
    ]);
    expect(warnings).toEqual([{ line: 4, message: 'left out a cue with the words of another at the same time' }]);
  });

  test('text over the protocol limit keeps its end', () => {
    const { segments, warnings } = parseCaptions(`00:01.000 --> 00:02.000\n${'a'.repeat(5000)}z\n`);
    expect([segments[0]?.text.length, segments[0]?.text.endsWith('z'), warnings.length]).toEqual([4096, true, 1]);
    for (const [text, kept] of [
      ['words '.repeat(1000), `${'words '.repeat(681)}words`],
      [`a${'\u{1F642}'.repeat(2500)}b`, `${'\u{1F642}'.repeat(2047)}b`],
    ] as const)
      expect(parseCaptions(`00:01.000 --> 00:02.000\n${text}\n`).segments[0]?.text).toBe(kept);
  });

  test.each([
    ['MPEGTS:900000,LOCAL:00:00:00.000', '10000 ms later'],
    ['LOCAL:00:01:00.500,MPEGTS:900000', '50500 ms earlier'],
    ['MPEGTS:900000', '10000 ms later'],
    ['LOCAL:00:00:10.000,MPEGTS:900000', undefined],
    ['MPEGTS:0,LOCAL:00:00.000', undefined],
  ])('the clock of a stream: %s', (map, moved) => {
    for (const [cue, starts] of [
      [good, [9000]],
      ['', []],
    ] as const) {
      const { segments, warnings } = parseCaptions(`WEBVTT\nX-TIMESTAMP-MAP=${map}\n\n${cue}`);
      expect(segments.map((segment) => segment.start_ms)).toEqual(starts);
      const told = expect.stringMatching(`X-TIMESTAMP-MAP .* ${moved} `);
      expect(warnings).toEqual(moved === undefined ? [] : [{ line: 2, message: told }]);
    }
  });

  test('a missing header', () => {
    expect(parseCaptions(good, 'vtt').warnings).toEqual([{ line: 1, message: 'the WEBVTT header is missing' }]);
  });
});

describe('captions_unreadable names the line', () => {
  test.each([
    ['an empty file', '', 'line 1: the file is empty'],
    ['blank lines', '\n \n', 'line 1: the file is empty'],
    ['prose', '\nOnce upon a time', 'line 2: text outside a cue ignored'],
    ['only bad cues', 'WEBVTT\n\nbad --> worse\nx', 'line 3: cue skipped'],
    ['binary', '\u0000\u0001\uFFFD', 'line 1: text outside a cue ignored'],
  ])('%s', (_, text, message) => {
    expect(() => parseCaptions(text)).toThrow(message);
    expect(() => parseCaptions(text)).toThrow(expect.objectContaining({ code: 'captions_unreadable' }));
  });
});

function padded(value: number, size: number): string {
  return String(Math.floor(value)).padStart(size, '0');
}

function stamp(ms: number, comma: boolean): string {
  const clock = [ms / 3_600_000, (ms / 60_000) % 60, (ms / 1000) % 60].map((value) => padded(value, 2)).join(':');
  return `${clock}${comma ? ',' : '.'}${padded(ms % 1000, 3)}`;
}

describe('for any input', () => {
  test('what is written as WebVTT or SRT is read back', () => {
    const word = fc.stringMatching(/^[a-zA-Z',.!?é-]{1,12}$/).filter((text) => !text.includes('--'));
    const cue = fc.record({
      start_ms: fc.nat(99 * 3_600_000),
      lengthMs: fc.nat(60_000),
      text: fc.array(word, { minLength: 1, maxLength: 6 }).map((words) => words.join(' ')),
    });
    fc.assert(
      fc.property(fc.array(cue, { minLength: 1, maxLength: 8 }), fc.boolean(), fc.boolean(), (cues, srt, crlf) => {
        const blocks = cues.map(
          ({ start_ms, lengthMs, text }, i) =>
            `${i + 1}\n${stamp(start_ms, srt)} --> ${stamp(start_ms + lengthMs, srt)}\n${text}\n`,
        );
        const file = [...(srt ? [] : ['WEBVTT\n']), ...blocks].join('\n');
        const { segments, warnings } = parseCaptions(crlf ? file.replaceAll('\n', '\r\n') : file);
        const told = cues
          .map(({ start_ms, lengthMs, text }) => ({ start_ms, end_ms: start_ms + lengthMs, text }))
          .sort((a, b) => a.start_ms - b.start_ms);
        const expected = [...new Map(told.map((one) => [JSON.stringify(one), one])).values()];
        expect(segments.map(({ start_ms, end_ms, text }) => ({ start_ms, end_ms, text }))).toEqual(expected);
        expect(warnings.length).toBe(expected.length < told.length ? 1 : 0);
      }),
    );
  });

  test('the only failure is captions_unreadable, and what comes out fits the protocol', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'WEBVTT',
        '\n',
        '\n\n',
        ' --> ',
        '00:01.000',
        '-00:00:01,5',
        '<v A>',
        '</v>',
        '&amp;',
        'NOTE',
        '\r\n',
      ),
      fc.string({ unit: 'binary', maxLength: 12 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        try {
          const { segments } = parseCaptions(pieces.join(''));
          for (const segment of segments) Caption.parse({ type: 'caption', revision: 0, is_final: true, ...segment });
          expect(new Set(segments.map((segment) => segment.segment_id)).size).toBe(segments.length);
        } catch (error) {
          if (!hasCode(error, 'captions_unreadable')) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });
});
