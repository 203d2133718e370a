import { afterAll, describe, expect, it } from 'vitest';
import { clipFrames } from '../../../pipeline/replay/clip-frames.ts';
import { Clips, hasFfmpeg } from './clips.ts';

const clips = new Clips();
afterAll(() => clips.remove());

describe.skipIf(!hasFfmpeg)('frames of a clip', () => {
  it('come from the middle of each equal part', async () => {
    // 40 frames at 10 frames/s; frame N is grey level N.
    const file = clips.count('forty.mkv', 40, 10);
    const frames = await clipFrames(file, { count: 4, image: { size: 8, fit: 'cover', filter: 'area' } });
    expect(frames.map((frame) => frame?.data[0])).toEqual([5, 15, 25, 35]);
  });

  it('are of a clip with fewer pictures than parts the same one more than once', async () => {
    const frames = await clipFrames(clips.count('two.mkv', 2, 2), {
      count: 4,
      image: { size: 8, fit: 'cover', filter: 'area' },
    });
    expect(frames.map((frame) => frame?.data[0])).toEqual([0, 0, 1, 1]);
  });

  it('come from all of a long clip whose length its container does not say', async () => {
    // 400 s at a frame in 2 s; frame N is grey level N.
    const file = clips.count('live.mkv', 200, 0.5, 'null', ['-f', 'matroska', '-live', '1']);
    const frames = await clipFrames(file, { count: 4, image: { size: 8, fit: 'cover', filter: 'area' } });
    expect(frames.map((frame) => frame?.data[0])).toEqual([25, 75, 125, 175].map((level) => expect.closeTo(level, -1)));
  });

  it('are refused of what is no video', async () => {
    await expect(
      clipFrames(clips.write('no.mp4', 'text'), { count: 4, image: { size: 8, fit: 'cover', filter: 'area' } }),
    ).rejects.toMatchObject({
      code: 'video_unreadable',
    });
  });
});
