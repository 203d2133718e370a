import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { probeVideo } from '../../../pipeline/replay/probe.ts';
import { Clips, hasFfmpeg } from './clips.ts';

const clips = new Clips();
afterAll(() => clips.remove());

describe.skipIf(!hasFfmpeg)('how long a video is (needs ffmpeg)', () => {
  let clip = '';
  beforeAll(() => {
    clip = clips.draw('clip.mp4', 2);
  });

  test.each<[name: string, file: string, args: readonly string[]]>([
    ['Matroska that starts at 0', 'zero.mkv', []],
    ['Matroska that starts later', 'later.mkv', ['-output_ts_offset', '100']],
    ['MP4 that starts later', 'later.mp4', ['-output_ts_offset', '100']],
    ['QuickTime that starts later', 'later.mov', ['-output_ts_offset', '1']],
    ['fragmented MP4', 'parts.mp4', ['-movflags', 'frag_keyframe+empty_moov']],
  ])('%s', async (_, name, args) => {
    const { durationMs, video } = await probeVideo(clips.make(name, ['-i', clip, '-c', 'copy', ...args]));
    expect([durationMs, video?.startMs, video?.endMs]).toEqual([2000, 0, 2000]);
  });
});

test.skipIf(!hasFfmpeg).each([
  ['that says how long it is', 'said', []],
  ['that does not, as of a live stream', 'unsaid', ['-flvflags', 'no_duration_filesize']],
])('FLV that starts later, %s (needs ffmpeg)', async (_, name, args) => {
  const clip = clips.draw(`${name}.mp4`, 4, { args: ['-c:v', 'libx264', '-bf', '0'] });
  const later = clips.make(`${name}.flv`, ['-i', clip, '-c', 'copy', '-output_ts_offset', '100', ...args]);
  const { durationMs, video } = await probeVideo(later);
  // To the start of the last picture, or to its end.
  expect([3960, 4000]).toContain(durationMs);
  expect(video?.startMs).toBe(0);
});

test.each([
  ['nowhere.mp4', 'no video file at nowhere.mp4; check the path'],
  ['https://example.org/talk.mp4', 'https://example.org/talk.mp4 is an address and no file; download it first'],
  ['file:///talk.mp4', 'no video file at file:///talk.mp4; check the path'],
  ['-', '- is no file on a disk, which can be read more than once; save it to one first'],
  ['/dev/null', '/dev/null is no file on a disk, which can be read more than once; save it to one first'],
  [clips.folder, `${clips.folder} is a folder; give a video file in it`],
])('%s is no file', async (path, message) => {
  await expect(probeVideo(path)).rejects.toMatchObject({ code: 'video_not_found', message });
});

test('an empty file', async () => {
  const file = clips.write('empty.mp4', '');
  const message = `${file} is empty; copy or record the file again`;
  await expect(probeVideo(file)).rejects.toMatchObject({ code: 'video_unreadable', message });
});

test.skipIf(!hasFfmpeg)(
  'of several picture tracks the default one is replayed, else the first (needs ffmpeg)',
  async () => {
    const clip = clips.draw('one.mp4', 1);
    const two = async (name: string, first: string, second: string): Promise<number | undefined> => {
      const tracks = ['-i', clip, '-map', '0:v', '-map', '0:v', '-c', 'copy'];
      const marks = ['-disposition:v:0', first, '-disposition:v:1', second];
      return (await probeVideo(clips.make(name, [...tracks, ...marks]))).video?.index;
    };
    expect(await two('second.mkv', '0', 'default')).toBe(1);
    expect(await two('both.mkv', 'default', 'default')).toBe(0);
    expect(await two('none.mkv', '0', '0')).toBe(0);
  },
);
