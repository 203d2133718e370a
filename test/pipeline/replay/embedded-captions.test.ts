import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { embeddedCaptions } from '../../../pipeline/replay/embedded-captions.ts';
import { probeVideo } from '../../../pipeline/replay/probe.ts';
import { Clips, hasFfmpeg } from './clips.ts';

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

  test('WebVTT in webm keeps its voices', async () => {
    const args = ['-i', bare, '-i', vtt, '-c:v', 'libvpx', '-deadline', 'realtime', '-c:s', 'copy'];
    const file = clips.make('a.webm', args);
    const found = await embeddedCaptions(file, await probeVideo(file));
    expect(found?.segments[0]).toMatchObject({ start_ms: 500, text: 'Hi & bye', speaker: 'Ann' });
  });

  test('a track by its language', async () => {
    const other = clips.write('b.srt', SRT.replace('second', 'zwei'));
    const file = clips.make('two.mkv', [
      '-i',
      bare,
      '-i',
      srt,
      '-i',
      other,
      '-map',
      '0',
      '-map',
      '1',
      '-map',
      '2',
      '-c:v',
      'copy',
      '-c:s',
      'srt',
      '-metadata:s:s:0',
      'language=eng',
      '-metadata:s:s:1',
      'language=ger',
    ]);
    const probe = await probeVideo(file);
    const second = async (language?: string): Promise<string | undefined> =>
      (await embeddedCaptions(file, probe, { language }))?.segments[1]?.text;
    expect([await second(), await second('eng'), await second('ge')]).toEqual(['second', 'second', 'zwei']);
    await expect(second('fr')).rejects.toMatchObject({
      code: 'captions_language',
      message: expect.stringContaining('eng, ger'),
    });
  });

  test('none', async () => {
    expect(await embeddedCaptions(bare, await probeVideo(bare))).toBeNull();
  });

  test('more text than the limit', async () => {
    const file = clips.make('much.mkv', ['-i', bare, '-i', srt, '-c:v', 'copy', '-c:s', 'srt']);
    const read = embeddedCaptions(file, await probeVideo(file), { limits: { maxCaptionBytes: 20 } });
    await expect(read).rejects.toMatchObject({ code: 'captions_unreadable' });
  });
});
