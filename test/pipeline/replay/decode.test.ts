import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { decodeFrames } from '../../../pipeline/replay/decode-frames.ts';
import { isThere } from '../../support/processes.ts';
import { Clips, hasFfmpeg } from './clips.ts';
import type { DecodeFramesOptions } from '../../../pipeline/replay/decode-frames.ts';

const clips = new Clips();
afterAll(() => clips.remove());

interface Outcome {
  readonly frames: number;
  readonly error: unknown;
  readonly pids: readonly number[];
}

/** Decodes to the end or the failure; `onFrame` sees the count so far and the process. */
async function decode(
  file: string,
  options: Partial<DecodeFramesOptions> = {},
  onFrame: (frames: number, pid: number) => void | Promise<void> = () => undefined,
): Promise<Outcome> {
  const pids: number[] = [];
  let frames = 0;
  try {
    const onStart = (pid: number): void => void pids.push(pid);
    for await (const _ of decodeFrames(file, { fps: 4, size: 16, onStart, ...options })) {
      frames++;
      await onFrame(frames, pids.at(-1) ?? -1);
    }
    return { frames, error: undefined, pids };
  } catch (error) {
    return { frames, error, pids };
  }
}

describe.skipIf(!hasFfmpeg)('what is no video (needs ffmpeg)', () => {
  let good = '';
  let audio = '';
  beforeAll(() => {
    good = clips.draw('good.mp4', 2, { args: ['-movflags', '+faststart'] });
    audio = clips.make('audio.m4a', ['-f', 'lavfi', '-i', 'sine=duration=1']);
  });

  test.each<[name: string, file: () => string, code: string]>([
    ['a missing file', () => clips.path('none.mp4'), 'video_not_found'],
    ['a folder', () => clips.folder, 'video_not_found'],
    ['an empty file', () => clips.write('empty.mp4', ''), 'video_unreadable'],
    ['a text', () => clips.write('text.mp4', 'not a video\n'), 'video_unreadable'],
    [
      'noise',
      () =>
        clips.write(
          'noise.mp4',
          Uint8Array.from({ length: 9999 }, (_, i) => (i * i) % 251),
        ),
      'video_unreadable',
    ],
    ['a playlist named .mp4', () => clips.write('list.mp4', playlist(good)), 'video_unreadable'],
    [
      'a concat script named .mp4',
      () => clips.write('concat.mp4', `ffconcat version 1.0\nfile '${good}'\n`),
      'video_unreadable',
    ],
    ['sound alone', () => audio, 'video_no_stream'],
    ['sound with a cover', () => covered(audio, good), 'video_no_stream'],
    [
      'an mp4 without its index',
      () => clips.cut('no-index.mp4', clips.draw('index-last.mp4', 2), 0.7),
      'video_truncated',
    ],
  ])('%s', async (_, file, code) => {
    const { frames, error, pids } = await decode(file());
    expect(error).toMatchObject({ code, exitCode: 1, message: expect.not.stringContaining('\n') });
    expect([frames, pids]).toEqual([0, []]);
  });

  test('a picture over the limit', async () => {
    const { error } = await decode(good, { limits: { maxPixels: 160 * 120 - 1 } });
    expect(error).toMatchObject({ code: 'video_too_large' });
  });

  test.each(['-i.mp4', 'a:b.mp4', 'file:x.mp4', "quote ' and space.mp4", '%d.mp4', 'é☺.mp4'])(
    'a file named %s',
    async (name) => {
      expect(await decode(clips.copy(name, good))).toMatchObject({ frames: 8, error: undefined });
    },
  );
});

describe.skipIf(!hasFfmpeg)('a video that breaks off gives what there is, then the error (needs ffmpeg)', () => {
  test.each([
    ['mp4', ['-movflags', '+faststart']],
    ['mov', ['-movflags', '+faststart', '-c:v', 'mjpeg']],
    ['mkv', ['-c:v', 'mpeg4']],
    ['webm', ['-c:v', 'libvpx', '-deadline', 'realtime']],
  ])('%s', async (extension, args) => {
    const whole = clips.draw(`whole.${extension}`, 4, { args });
    expect(await decode(whole)).toMatchObject({ frames: 16, error: undefined });
    const { frames, error } = await decode(clips.cut(`half.${extension}`, whole, 0.6));
    expect(error).toMatchObject({ code: 'video_truncated' });
    expect(frames).toBeGreaterThan(3);
    expect(frames).toBeLessThan(14);
  });

  test('the last of its sound alone', async () => {
    const sound = ['-f', 'lavfi', '-i', 'sine=duration=5', '-c:v', 'mpeg4', '-c:a', 'pcm_s16le'];
    const whole = clips.make('sound.mkv', ['-f', 'lavfi', '-i', 'testsrc=size=160x120:rate=25:duration=4', ...sound]);
    const { frames, error } = await decode(clips.cut('sound-cut.mkv', whole, 0.95));
    expect(frames).toBe(16);
    expect(error).toMatchObject({ code: 'video_truncated', message: expect.stringContaining('is cut off at its end') });
  });

  test('a decoder that calls something in a whole file truncated makes no cut of it', async () => {
    const bytes = readFileSync(clips.draw('remark.mp4', 4, { args: ['-c:v', 'libx264'] }));
    // The encoder's remark (SEI, after 06 05 ff ff) says that it is longer than it is.
    const size = bytes.indexOf(Buffer.from('0605ffff', 'hex')) + 4;
    expect(size).toBeGreaterThan(4);
    bytes[size] = 0xfe;
    expect(await decode(clips.write('remark.mp4', bytes))).toMatchObject({ frames: 16, error: undefined });
  });

  test('damage inside is reported and costs nothing else', async () => {
    const file = clips.draw('damaged.ts', 4, { args: ['-c:v', 'mpeg2video'] });
    const bytes = readFileSync(file);
    bytes.fill(0x55, Math.floor(bytes.length * 0.4), Math.floor(bytes.length * 0.45));
    const warnings: string[] = [];
    const outcome = await decode(clips.write('damaged.ts', bytes), {
      onWarning: (message) => void warnings.push(message),
    });
    expect(outcome.error).toBeUndefined();
    expect(outcome.frames).toBeGreaterThan(12);
    expect(warnings.length).toBeGreaterThan(0);
    expect(warnings.join('\n')).not.toMatch(/0x[0-9a-f]{6}/);
  });

  test('ffmpeg killed from outside', async () => {
    const long = clips.draw('killed.mp4', 30, { fps: 10 });
    const { frames, error } = await decode(long, { size: 256 }, (count, pid) => {
      if (count === 2) process.kill(pid, 'SIGKILL');
    });
    expect(error).toMatchObject({ code: 'decode_failed' });
    expect(frames).toBeGreaterThan(1);
    expect(frames).toBeLessThan(120);
  });
});

describe.skipIf(!hasFfmpeg)('the process is gone when the iteration is over (needs ffmpeg)', () => {
  let long = '';
  beforeAll(() => {
    long = clips.draw('long.mp4', 30, { fps: 10 });
  });
  /** 120 frames of 192 KiB: far more than the pipes hold. */
  const LARGE = { size: 256 };

  test('read to the end', async () => {
    const { frames, error, pids } = await decode(long, LARGE);
    expect([frames, error, pids.length, pids.some(isThere)]).toEqual([120, undefined, 1, false]);
  });

  test('left early; until then it waits for its reader', async () => {
    let pid = -1;
    let frames = 0;
    for await (const _ of decodeFrames(long, { fps: 4, ...LARGE, onStart: (started) => (pid = started) })) {
      frames++;
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(isThere(pid)).toBe(true);
      if (frames === 5) break;
    }
    expect(isThere(pid)).toBe(false);
  });

  test('the consumer throws', async () => {
    const { error, pids } = await decode(long, LARGE, (frames) => {
      if (frames === 3) throw new Error('mine');
    });
    expect(error).toMatchObject({ message: 'mine' });
    expect(pids.map(isThere)).toEqual([false]);
  });

  test('aborted on the way', async () => {
    const abort = new AbortController();
    const { frames, error, pids } = await decode(long, { ...LARGE, signal: abort.signal }, (count) => {
      if (count === 3) abort.abort(new Error('enough'));
    });
    expect(error).toMatchObject({ message: 'enough' });
    expect([frames, pids.map(isThere)]).toEqual([3, [false]]);
  });

  test('aborted at the very start, before there is anything to kill', async () => {
    const abort = new AbortController();
    const { frames, error, pids } = await decode(long, {
      ...LARGE,
      signal: abort.signal,
      onStart: () => abort.abort(new Error('at once')),
    });
    expect(error).toMatchObject({ message: 'at once' });
    expect([frames, pids.map(isThere)]).toEqual([0, []]);
  });

  test('aborted before', async () => {
    const { error, pids } = await decode(long, { signal: AbortSignal.abort(new Error('never')) });
    expect(error).toMatchObject({ message: 'never' });
    expect(pids).toEqual([]);
  });

  test.each([
    ['the whole run', { totalMs: 1 }],
    ['the headers', { probeMs: 1 }],
    ['the next bytes', { stallMs: 1 }],
  ])('over the time limit of %s', async (_, limits) => {
    const { error, pids } = await decode(long, { ...LARGE, limits });
    expect(error).toMatchObject({ code: 'decode_timeout' });
    expect(pids.some(isThere)).toBe(false);
  });

  test('a slow reader does not count against the next bytes', async () => {
    const short = clips.draw('short.mp4', 3, { fps: 10 });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const read = await decode(short, { ...LARGE, limits: { stallMs: 1000 } }, async () => {
      await vi.advanceTimersByTimeAsync(2000);
    });
    expect(read).toMatchObject({ frames: 12, error: undefined });
  });
});

function playlist(file: string): string {
  return `#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\nfile://${file}\n#EXT-X-ENDLIST\n`;
}

function covered(audio: string, picture: string): string {
  const cover = clips.make('cover.jpg', ['-i', picture, '-frames:v', '1']);
  return clips.make('covered.m4a', [
    '-i',
    audio,
    '-i',
    cover,
    '-map',
    '0',
    '-map',
    '1',
    '-c',
    'copy',
    '-disposition:v',
    'attached_pic',
  ]);
}
