import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { embeddedCaptions } from '../../../pipeline/replay/embedded-captions.ts';
import { probeVideo } from '../../../pipeline/replay/probe.ts';
import { Clips, hasFfmpeg } from './clips.ts';

// Processes start many times slower on a machine that is busy.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const clips = new Clips();
afterAll(() => clips.remove());

const SRT = '1\n00:00:00,500 --> 00:00:01,000\n<i>Hi</i> & bye\n\n2\n00:00:01,200 --> 00:00:01,900\nsecond\n';
const VTT = 'WEBVTT\n\n00:00.500 --> 00:01.000\n<v Ann>Hi &amp; bye\n\n00:01.200 --> 00:01.900\nsecond\n';

describe.skipIf(!hasFfmpeg)('captions inside a video (needs ffmpeg)', () => {
  let srt = '';
  let vtt = '';
  let bare = '';
  beforeAll(() => {
    srt = clips.write('a.srt', SRT);
    vtt = clips.write('a.vtt', VTT);
    bare = clips.draw('bare.mp4', 2);
  });

  test.each([
    ['mov_text in mp4', 'a.mp4', 'mov_text', undefined],
    ['SubRip in mkv', 'a.mkv', 'srt', undefined],
    ['ASS in mkv', 'b.mkv', 'ass', undefined],
  ])('%s', async (_, name, codec, speaker) => {
    const file = clips.make(name, ['-i', bare, '-i', srt, '-c:v', 'copy', '-c:s', codec]);
    const found = await embeddedCaptions(file, await probeVideo(file));
    expect(found?.segments.map(({ start_ms, end_ms, text }) => [start_ms, end_ms, text])).toEqual([
      [500, 1000, 'Hi & bye'],
      [1200, 1900, 'second'],
    ]);
    expect(found?.segments[0]?.speaker).toBe(speaker);
    expect(found?.warnings).toEqual([]);
  });

  test.each([
    ['its captions apart', 'apart', SRT, [1000, 1900]],
    [
      'its captions one after the other, to the end',
      'close',
      SRT.replace('01,900', '02,000').replace('01,200', '01,000'),
      [1000, 2000],
    ],
  ])('mov_text in fragmented mp4, %s', async (_, name, text, ends) => {
    const args = ['-c:v', 'copy', '-c:s', 'mov_text', '-movflags', 'frag_keyframe+empty_moov+default_base_moof'];
    const file = clips.make(`${name}.mp4`, ['-i', bare, '-i', clips.write(`${name}.srt`, text), ...args]);
    const found = await embeddedCaptions(file, await probeVideo(file));
    expect(found?.segments.map(({ start_ms, text: words }) => [start_ms, words])).toMatchObject([
      [500, 'Hi & bye'],
      [expect.any(Number), 'second'],
    ]);
    expect(found?.segments.map(({ end_ms }) => end_ms)).toEqual(ends);
  });

  test('WebVTT in webm keeps its voices', async () => {
    const args = ['-i', bare, '-i', vtt, '-c:v', 'libvpx', '-deadline', 'realtime', '-c:s', 'copy'];
    const file = clips.make('a.webm', args);
    const found = await embeddedCaptions(file, await probeVideo(file));
    expect(found?.segments[0]).toMatchObject({ start_ms: 500, text: 'Hi & bye', speaker: 'Ann' });
  });

  /** A file with one track of captions per entry, whose second words name it. */
  function tracks(
    name: string,
    given: readonly { readonly language: string; readonly disposition?: string }[],
  ): string {
    const inputs = given.flatMap((_, i) => [
      '-i',
      clips.write(`${name}-${i}.srt`, SRT.replace('second', `track ${i}`)),
    ]);
    const maps = [bare, ...given].flatMap((_, i) => ['-map', `${i}`]);
    const tags = given.flatMap(({ language, disposition = '0' }, i) => [
      `-metadata:s:s:${i}`,
      `language=${language}`,
      `-disposition:s:${i}`,
      disposition,
    ]);
    return clips.make(name, ['-i', bare, ...inputs, ...maps, '-c:v', 'copy', '-c:s', 'srt', ...tags]);
  }

  async function chosen(file: string, language?: string): Promise<string | undefined> {
    return (await embeddedCaptions(file, await probeVideo(file), { language }))?.segments[1]?.text;
  }

  test('a track by its language', async () => {
    const file = tracks('languages.mkv', [{ language: 'est' }, { language: 'eng' }, { language: 'ger' }]);
    const asked = [undefined, 'et', 'EN', 'en-US', 'eng', 'de', 'ger', 'deu'];
    expect(await Promise.all(asked.map((language) => chosen(file, language)))).toEqual(
      [0, 0, 1, 1, 1, 2, 2, 2].map((track) => `track ${track}`),
    );
    for (const none of ['es', 'ge', 'fr', ''])
      await expect(chosen(file, none)).rejects.toMatchObject({
        code: 'captions_language',
        message: expect.stringContaining('est, eng, ger'),
      });
  });

  test('rather one that is not forced, then the default one', async () => {
    const file = tracks('dispositions.mkv', [
      { language: 'eng', disposition: 'forced' },
      { language: 'eng' },
      { language: 'ger' },
      { language: 'ger', disposition: 'default' },
      { language: 'fre', disposition: 'forced' },
    ]);
    expect(await Promise.all([undefined, 'en', 'de', 'fr'].map((language) => chosen(file, language)))).toEqual(
      [3, 1, 3, 4].map((track) => `track ${track}`),
    );
  });

  test.each([
    ['converted', 'late.srt', `${SRT}\n3\n00:00:02,000 --> 00:00:02,500\nthird\n`, 'srt'],
    ['copied', 'late.vtt', `${VTT}\n00:02.000 --> 00:02.500\nthird\n`, 'webvtt'],
  ])('a track that begins before the media keeps its times: %s', async (_, name, captions, codec) => {
    const inputs = ['-itsoffset', '1.6', '-i', bare, '-i', clips.write(name, captions)];
    const file = clips.make(`${name}.mkv`, [...inputs, '-c:v', 'copy', '-c:s', codec]);
    const found = await embeddedCaptions(file, await probeVideo(file));
    expect(found?.segments.map(({ start_ms, end_ms, text }) => [start_ms, end_ms, text])).toEqual([
      [0, 300, 'second'],
      [400, 900, 'third'],
    ]);
  });

  test('drawings and remarks of ASS are no words, and its layers say them once', async () => {
    const event = (text: string): string => `Dialogue: 0,0:00:00.50,0:00:01.00,Default,,0,0,0,,${text}\n`;
    const shape = '{\\p1}m 0 0 l 100 0 100.5 -100 b 1 2 3 4 5 6{\\p0}';
    const layers = ['{\\blur5}so\\hgood{check}', 'so\\hgood{check}', 'so\\hgood'];
    const events = [shape, `${shape} Hi`, `go ${shape} see`, 'I am 5 5 l', ...layers]
      .map((text) => event(text))
      .join('');
    const fields = 'Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text';
    const ass = clips.write('shapes.ass', `[Script Info]\nScriptType: v4.00+\n\n[Events]\n${fields}\n${events}`);
    const file = clips.make('shapes.mkv', ['-i', bare, '-i', ass, '-c:v', 'copy', '-c:s', 'copy']);
    const found = await embeddedCaptions(file, await probeVideo(file));
    expect(found?.segments.map(({ text }) => text)).toEqual(['Hi', 'go see', 'I am 5 5 l', 'so good']);
    const message = 'left out 2 cues with the words of another at the same time';
    expect(found?.warnings).toEqual([{ line: expect.any(Number), message }]);
  });

  test('that never say a word are left out, and the video can be replayed', async () => {
    const blank = clips.write('blank.srt', SRT.replace(/^.*(?:Hi|second).*$/gm, '<i> </i>'));
    const file = clips.make('blank.mkv', ['-i', bare, '-i', blank, '-c:v', 'copy', '-c:s', 'srt']);
    const found = await embeddedCaptions(file, await probeVideo(file));
    expect(found?.segments).toEqual([]);
    expect(found?.warnings.map(({ message }) => message)).toEqual(Array(2).fill('cue skipped: it has no text'));
  });

  test('none', async () => {
    expect(await embeddedCaptions(bare, await probeVideo(bare))).toBeNull();
  });

  test.each([
    ['converted', 'gaps.mkv', ['-c:s', 'srt']],
    ['with ends of their own', 'gaps.mp4', ['-c:s', 'mov_text', '-movflags', 'frag_keyframe+empty_moov']],
  ])('may have nothing for longer than pictures: %s', async (_, name, args) => {
    const file = clips.make(name, ['-i', bare, '-i', srt, '-c:v', 'copy', ...args]);
    const found = await embeddedCaptions(file, await probeVideo(file), { limits: { stallMs: 1 } });
    expect(found?.segments).toHaveLength(2);
  });

  test('more text than the limit', async () => {
    const file = clips.make('much.mkv', ['-i', bare, '-i', srt, '-c:v', 'copy', '-c:s', 'srt']);
    const read = embeddedCaptions(file, await probeVideo(file), { limits: { maxCaptionBytes: 20 } });
    await expect(read).rejects.toMatchObject({ code: 'captions_unreadable' });
  });
});
