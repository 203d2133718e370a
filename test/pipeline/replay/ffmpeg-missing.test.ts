import { chmodSync } from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Clips, hasFfmpeg } from './clips.ts';

const clips = new Clips();
afterAll(() => clips.remove());
beforeAll(() => {
  vi.stubEnv('FFMPEG_PATH', clips.path('no-ffmpeg'));
  vi.stubEnv('FFPROBE_PATH', clips.path('no-ffprobe'));
});

test('probing says how to get ffmpeg', async () => {
  const { probeVideo } = await import('../../../pipeline/replay/probe.ts');
  await expect(probeVideo(clips.write('video.mp4', 'x'))).rejects.toMatchObject({
    code: 'ffmpeg_missing',
    exitCode: 3,
    message: expect.stringMatching(/apt-get install ffmpeg.*brew install ffmpeg.*winget install/),
  });
});

test('decoding says it too, and nothing hangs', async () => {
  const { ffmpegOutput } = await import('../../../pipeline/replay/decode.ts');
  const read = async (): Promise<void> => {
    for await (const _ of ffmpegOutput({ file: clips.path('video.mp4'), outputOptions: ['-f', 'rawvideo'] })) continue;
  };
  await expect(read()).rejects.toMatchObject({ code: 'ffmpeg_missing', exitCode: 3 });
});

test('the report says what is missing', async () => {
  const { ffmpegReport } = await import('../../../pipeline/replay/ffmpeg-report.ts');
  const report = await ffmpegReport();
  expect(report).toMatchObject({ ok: false, ffmpeg: null, ffprobe: null, advice: [expect.stringMatching(/apt-get/)] });
});

test.skipIf(process.platform === 'win32').each([
  [
    'echo "libavdevice.so.59: cannot open shared object file" >&2; exit 127',
    null,
    /does not work \(.*libavdevice\.so\.59/,
  ],
  ['kill -SEGV $$', null, /does not work \(no reason given\)/],
  ['exit 0', null, /does not work \(its -version names none\)/],
  ['echo ffmpeg version 9; test "$1" = -version', '9', /^this ffmpeg lacks h264, hevc, .*mpegts: install a full build/],
])('the report on a program that does %j gives one advice', async (script, ffmpeg, advice) => {
  const program = clips.write('broken', `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  vi.stubEnv('FFMPEG_PATH', program);
  vi.stubEnv('FFPROBE_PATH', program);
  vi.resetModules();
  const { ffmpegReport } = await import('../../../pipeline/replay/ffmpeg-report.ts');
  expect(await ffmpegReport()).toMatchObject({ ok: false, ffmpeg, advice: [expect.stringMatching(advice)] });
});

test.skipIf(process.platform === 'win32').each(['exit 0', 'echo a banner'])(
  'probing with a program that does %j reads no video',
  async (script) => {
    const program = clips.write('mute', `#!/bin/sh\n${script}\n`);
    chmodSync(program, 0o755);
    vi.stubEnv('FFPROBE_PATH', program);
    vi.resetModules();
    const { probeVideo } = await import('../../../pipeline/replay/probe.ts');
    await expect(probeVideo(clips.write('video.mp4', 'x'))).rejects.toMatchObject({ code: 'video_unreadable' });
  },
);

test.skipIf(!hasFfmpeg)('the report on the ffmpeg of this machine', async () => {
  vi.unstubAllEnvs();
  vi.resetModules();
  const { ffmpegReport } = await import('../../../pipeline/replay/ffmpeg-report.ts');
  const report = await ffmpegReport();
  expect(report).toMatchObject({
    ffmpeg: expect.stringMatching(/\d/),
    filters: { fps: true, crop: true, scale: true },
  });
  expect(report.decoders['h264']).toBe(true);
});
