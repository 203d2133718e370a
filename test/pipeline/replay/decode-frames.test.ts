import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fitImage } from '../../../models/encoders/image-input/fit-image.ts';
import { decodeFrames } from '../../../pipeline/replay/decode-frames.ts';
import { ffmpegOutput } from '../../../pipeline/replay/decode.ts';
import { probeVideo } from '../../../pipeline/replay/probe.ts';
import { Clips, hasFfmpeg } from './clips.ts';
import type { DecodeFramesOptions, DecodedFrame } from '../../../pipeline/replay/decode-frames.ts';

const clips = new Clips();
afterAll(() => clips.remove());

async function decode(file: string, options: Partial<DecodeFramesOptions> = {}): Promise<DecodedFrame[]> {
  const frames: DecodedFrame[] = [];
  for await (const frame of decodeFrames(file, { fps: 4, size: 16, ...options })) frames.push(frame);
  return frames;
}

/** Time and grey level of every frame of a counted clip. */
async function readings(file: string, options: Partial<DecodeFramesOptions> = {}): Promise<[number, number][]> {
  return (await decode(file, options)).map(({ ptsMs, data }) => [ptsMs, data[0] ?? -1]);
}

function pixel({ data, width }: DecodedFrame, x: number, y: number): number[] {
  return [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
}

describe.skipIf(!hasFfmpeg)('frame times (needs ffmpeg)', () => {
  test('a frame shows the latest picture whose time has come', async () => {
    const file = clips.count('count.mkv', 30, 10);
    expect(await readings(file)).toEqual(Array.from({ length: 12 }, (_, k) => [k * 250, Math.floor(k * 2.5)]));
  });

  test.each([
    [
      0.5,
      [
        [0, 0],
        [2000, 20],
      ],
    ],
    [10, Array.from({ length: 30 }, (_, k) => [k * 100, k])],
    [20, Array.from({ length: 60 }, (_, k) => [k * 50, Math.floor(k / 2)])],
    [3, Array.from({ length: 9 }, (_, k) => [Math.round((k * 1000) / 3), Math.floor((k * 10) / 3)])],
  ])('%d frames a second', async (fps, expected) => {
    expect(await readings(clips.count('rates.mkv', 30, 10), { fps })).toEqual(expected);
  });

  test('variable frame rate: a picture stands until the next one comes', async () => {
    const file = clips.count('vfr.mkv', 30, 10, "select='lt(n,5)+gte(n,20)'");
    expect(await readings(file)).toEqual(
      Array.from({ length: 12 }, (_, k) => {
        const source = Math.floor(k * 2.5);
        return [k * 250, source < 5 || source >= 20 ? source : 4];
      }),
    );
  });

  test('a video that begins late has no frames before', async () => {
    const video = clips.count('late-video.mkv', 20, 10);
    const file = clips.make('late.mkv', [
      ...'-f lavfi -i sine=duration=3 -itsoffset 1.13 -i'.split(' '),
      video,
      ...'-map 0 -map 1 -c:v copy'.split(' '),
    ]);
    expect(await readings(file)).toEqual(
      [1250, 1500, 1750, 2000, 2250, 2500, 2750, 3000].map((ptsMs) => [ptsMs, Math.floor((ptsMs - 1130) / 100)]),
    );
  });

  test.each(['ts', 'mpg'])(
    'nor in a transport or program stream, whose times count from the sound: %s',
    async (kind) => {
      // Brighter every second.
      const steps = 'nullsrc=size=64x64:rate=25:duration=4,geq=lum=50*floor(1+T):cb=128:cr=128';
      const file = clips.make(`late-steps.${kind}`, [
        ...`-f lavfi -i sine=duration=6 -itsoffset 1.6 -f lavfi -i ${steps} -map 0 -map 1`.split(' '),
        ...'-c:a mp2 -c:v mpeg2video -q:v 1 -bf 0 -fps_mode passthrough'.split(' '),
      ]);
      const read = (await readings(file, { fps: 2 })).map(([ptsMs, grey]) => [ptsMs, Math.round(grey / 58)]);
      expect(read).toEqual(
        [2000, 2500, 3000, 3500, 4000, 4500, 5000, 5500].map((ptsMs) => [ptsMs, Math.ceil((ptsMs - 1600) / 1000)]),
      );
    },
  );

  test('what is wrong with the sound alone is no complaint', async () => {
    const part = clips.make('part.mp4', [
      ...'-f lavfi -i testsrc=size=64x48:rate=25:duration=2 -f lavfi -i sine=duration=2'.split(' '),
      ...'-pix_fmt yuv420p -c:v mpeg4 -bf 2 -c:a aac'.split(' '),
    ]);
    // Where the parts meet, two packets of the sound have the same time.
    const file = clips.make('joined.mkv', [...'-stream_loop 1 -i'.split(' '), part, '-c', 'copy']);
    expect((await probeVideo(file)).video?.earlierSound).not.toBeNull();
    const complaints: string[] = [];
    expect(await decode(file, { onWarning: (message) => complaints.push(message) })).toHaveLength(16);
    expect(complaints).toEqual([]);
  });

  test('a picture size that changes on the way changes no times', async () => {
    const [small, large] = ['64x48', '96x96'].map((size) =>
      clips.draw(`${size}.ts`, 2, { size, args: ['-c:v', 'mpeg2video'] }),
    );
    const list = clips.write('list.txt', `file '${small}'\nfile '${large}'\n`);
    const file = clips.make('sizes.ts', ['-f', 'concat', '-safe', '0', '-i', list, '-c', 'copy']);
    expect((await decode(file)).map((frame) => frame.ptsMs)).toEqual(Array.from({ length: 16 }, (_, k) => k * 250));
  });
});

describe.skipIf(!hasFfmpeg)('pixels (needs ffmpeg)', () => {
  let wide = '';
  beforeAll(() => {
    // 64 x 32: left quarter red, middle half green, right quarter blue.
    const bands = "geq=r='255*lt(X,16)':g='255*between(X,16,47)':b='255*gte(X,48)'";
    wide = clips.make('wide.mkv', [
      '-f',
      'lavfi',
      '-i',
      `nullsrc=size=64x32:rate=4:duration=1,format=gbrp,${bands}`,
      '-c:v',
      'ffv1',
    ]);
  });
  const RED = [255, 0, 0];
  const GREEN = [0, 255, 0];
  const BLUE = [0, 0, 255];
  const BLACK = [0, 0, 0];

  test('cover keeps the centre', async () => {
    const [frame] = await decode(wide);
    expect(frame && [pixel(frame, 0, 8), pixel(frame, 15, 8)]).toEqual([GREEN, GREEN]);
    expect(frame && [frame.width, frame.height, frame.data.length]).toEqual([16, 16, 768]);
  });

  test('cover keeps at least a pixel, where colours have half as many as well', async () => {
    for (const [size, sar] of [
      ['1x100', '1'],
      ['64x64', '1/50'],
    ] as const) {
      const name = `thin-${size}.mkv`;
      const file = clips.draw(name, 1, { size, args: ['-vf', `setsar=${sar}`, '-c:v', 'ffv1'] });
      expect(await decode(file)).toHaveLength(4);
    }
  });

  test('contain keeps everything on black', async () => {
    const [frame] = await decode(wide, { fit: 'contain' });
    const seen = frame && [
      pixel(frame, 1, 8),
      pixel(frame, 8, 8),
      pixel(frame, 14, 8),
      pixel(frame, 8, 3),
      pixel(frame, 8, 12),
    ];
    expect(seen).toEqual([RED, GREEN, BLUE, BLACK, BLACK]);
  });

  test('pixels that are not square are shown in their shape', async () => {
    // At half the width a pixel, 64 x 32 is shown as a square: all three bands are inside.
    const file = clips.make('anamorphic.mkv', ['-i', wide, '-vf', 'setsar=1/2', '-c:v', 'ffv1']);
    for (const fit of ['cover', 'contain'] as const) {
      const [frame] = await decode(file, { fit });
      expect(frame && [pixel(frame, 1, 8), pixel(frame, 8, 8), pixel(frame, 14, 8)]).toEqual([RED, GREEN, BLUE]);
    }
  });

  test.each([
    [90, [GREEN, GREEN], [RED, BLUE]],
    [180, [BLUE, RED], [GREEN, GREEN]],
  ])('a picture held sideways by %d degrees is shown upright', async (turn, across, down) => {
    const file = rotated(wide, turn);
    const [frame] = await decode(file, { fit: 'contain' });
    expect(frame && [pixel(frame, turn === 90 ? 8 : 1, 8), pixel(frame, turn === 90 ? 8 : 14, 8)].map(named)).toEqual(
      across.map(named),
    );
    const rows = turn === 90 ? [1, 14] : [8, 8];
    expect(
      frame &&
        rows
          .map((y) => pixel(frame, 8, y))
          .map(named)
          .sort(),
    ).toEqual(down.map(named).sort());
  });

  test('whole, upright, and no larger than a model that looks for faces wants them', async () => {
    const source = 'testsrc2=size=160x120:rate=4:duration=0.5,format=yuv444p';
    const file = clips.make('whole.mkv', ['-f', 'lavfi', '-i', source, '-c:v', 'ffv1']);
    const [small] = await decode(file, { size: 40, whole: { shorterSide: 60 } });
    expect(small).toMatchObject({ width: 80, height: 60 });
    const [same] = await decode(file, { size: 40, whole: { shorterSide: 240 } });
    expect(same).toMatchObject({ width: 160, height: 120 });
    const [turned] = await decode(rotated(file, 90), { size: 40, whole: { shorterSide: 60 } });
    expect(turned).toMatchObject({ width: 60, height: 80 });
  });

  test('whole, in its own shape also where that changes, as in calls', async () => {
    const part = (size: string): Buffer =>
      readFileSync(clips.make(`${size}.ts`, ['-f', 'lavfi', '-i', `color=red:s=${size}:r=4:d=1`]));
    const file = clips.write('turned.ts', Buffer.concat([part('160x120'), part('60x120')]));
    const frames = await decode(file, { size: 40, whole: { shorterSide: 60 } });
    for (const [frame, reds] of [
      [frames[0], [4, 20, 40, 60, 76]],
      [frames.at(-1), [40]],
    ] as const) {
      expect(frame).toMatchObject({ width: 80, height: 60 });
      expect([4, 20, 40, 60, 76].filter((x) => frame && (pixel(frame, x, 30)[0] ?? 0) > 200)).toEqual(reds);
    }
  });

  test.each(['area', 'bicubic', 'bilinear'] as const)('as the live path makes them: %s', async (filter) => {
    const source = 'testsrc2=size=160x120:rate=4:duration=0.5,format=gbrp';
    const file = clips.make(`parity-${filter}.mkv`, ['-f', 'lavfi', '-i', source, '-c:v', 'ffv1']);
    const raw: Uint8Array[] = [];
    const outputOptions = ['-map', '0:v', '-f', 'rawvideo', '-pix_fmt', 'rgb24'];
    for await (const chunk of ffmpegOutput({ file, outputOptions })) raw.push(chunk);
    const data = Buffer.concat(raw).subarray(0, 160 * 120 * 3);
    for (const fit of ['cover', 'contain'] as const) {
      const [frame] = await decode(file, { size: 40, fit, filter });
      const live = fitImage({ width: 160, height: 120, data }, { size: 40, fit, filter });
      const differences = live.map((value, i) => Math.abs(value - (frame?.data[i] ?? 0)));
      const mean = differences.reduce((sum, value) => sum + value, 0) / live.length;
      expect(mean).toBeLessThan(2);
    }
  });
});

/** The turn is stored, not applied; recent versions of ffmpeg have an option for it, older ones a metadata key. */
function rotated(file: string, turn: number): string {
  const upright = clips.make(`upright-${turn}.mp4`, ['-i', file, '-pix_fmt', 'yuv444p', '-c:v', 'mpeg4', '-q:v', '1']);
  try {
    return clips.make(`turned-${turn}.mp4`, ['-display_rotation', String(turn), '-i', upright, '-c', 'copy']);
  } catch {
    return clips.make(`turned-${turn}.mp4`, ['-i', upright, '-c', 'copy', '-metadata:s:v', `rotate=${turn}`]);
  }
}

/** Nearest of the three bands' colours. */
function named(rgb: readonly number[]): string {
  return ['red', 'green', 'blue'][rgb.indexOf(Math.max(...rgb))] ?? '';
}
