import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { decodeFrames } from '../../../pipeline/replay/decode-frames.ts';
import { Clips } from './clips.ts';
import type { DecodeFramesOptions } from '../../../pipeline/replay/decode-frames.ts';

const clips = new Clips();
afterAll(() => clips.remove());

const hasZscale = / zscale /.test(spawnSync('ffmpeg', ['-hide_banner', '-filters']).stdout?.toString() ?? '');
const PICTURE = 'testsrc2=size=96x64:rate=4:duration=0.5,scale=out_color_matrix=bt709:out_range=tv,format=yuv444p';
const SDR = 'setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv';

function draw(
  transfer: string,
  tags: readonly string[] = ['-color_primaries', 'bt2020', '-colorspace', 'bt2020nc'],
): string {
  const hdr = `zscale=p=bt2020:t=${transfer}:m=bt2020nc:r=tv:npl=203,format=yuv420p10le`;
  const args = ['-f', 'lavfi', '-i', `${PICTURE},${SDR},${hdr}`, '-c:v', 'ffv1', '-color_trc', transfer, ...tags];
  return clips.make(`${transfer}${tags.length}.mkv`, args);
}

function drawSdr(): string {
  return clips.make('sdr.mkv', ['-f', 'lavfi', '-i', `${PICTURE},${SDR}`, '-c:v', 'ffv1']);
}

async function levels(file: string, options: Partial<DecodeFramesOptions> = {}): Promise<number[]> {
  const all: number[] = [];
  for await (const { data } of decodeFrames(file, { fps: 4, size: 33, ...options })) all.push(...data);
  return all;
}

/** Mean difference of the levels, 0 to 255. */
function distance(a: readonly number[], b: readonly number[]): number {
  expect(a.length).toBe(b.length);
  return a.reduce((sum, level, i) => sum + Math.abs(level - (b[i] ?? 0)), 0) / a.length;
}

describe.skipIf(!hasZscale)('HDR (needs ffmpeg with zscale)', () => {
  test.each(['smpte2084', 'arib-std-b67'])(
    'pictures of %s come out as those that they were made from',
    async (transfer) => {
      const [sdr, hdr] = [drawSdr(), draw(transfer)];
      for (const shape of [{}, { fit: 'contain' }, { whole: true }, { whole: { shorterSide: 33 } }] as const)
        expect(distance(await levels(hdr, shape), await levels(sdr, shape))).toBeLessThan(25);
    },
  );

  test('one that says its transfer alone counts as BT.2020', async () => {
    expect(await levels(draw('smpte2084', []))).toEqual(await levels(draw('smpte2084')));
  });

  test.skipIf(process.platform === 'win32')(
    'an ffmpeg that cannot map them gives them as they are, and says so',
    async () => {
      const tool = clips.write(
        'ffmpeg-lite',
        '#!/bin/sh\nffmpeg "$@" | if [ "$2" = -filters ]; then sed /zscale/d; else cat; fi\n',
      );
      chmodSync(tool, 0o755);
      vi.stubEnv('FFMPEG_PATH', tool);
      vi.resetModules();
      const lite = await import('../../../pipeline/replay/decode-frames.ts');
      const lacked: string[] = [];
      const options = { fps: 4, size: 33, onFlatHdr: (lacks: string) => lacked.push(lacks) };
      const flat: number[] = [];
      for await (const { data } of lite.decodeFrames(draw('smpte2084'), options)) flat.push(...data);
      expect(lacked).toEqual(['zscale']);
      expect(distance(flat, await levels(drawSdr()))).toBeGreaterThan(40);
    },
  );
});
