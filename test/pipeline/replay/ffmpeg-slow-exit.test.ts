import { chmodSync } from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Clips, hasFfmpeg } from './clips.ts';
import type { ffmpegOutput } from '../../../pipeline/replay/decode.ts';

const clips = new Clips();
let output: typeof ffmpegOutput;
beforeAll(async () => {
  const slow = clips.write('slow-ffmpeg', '#!/bin/sh\nffmpeg "$@"\nstatus=$?\nexec 1>&-\nsleep 0.3\nexit $status\n');
  chmodSync(slow, 0o755);
  vi.stubEnv('FFMPEG_PATH', slow);
  ({ ffmpegOutput: output } = await import('../../../pipeline/replay/decode.ts'));
});
afterAll(() => {
  vi.unstubAllEnvs();
  clips.remove();
});

/** Bytes that a video of 2 s gives. */
async function read(filter: string): Promise<number> {
  let count = 0;
  const outputOptions = ['-pix_fmt', 'rgb24', '-f', 'rawvideo', '-filter:v', filter];
  for await (const { length } of output({ file: clips.draw('two.mp4', 2), outputOptions })) count += length;
  return count;
}

test.skipIf(!hasFfmpeg)('a process that ends well, but long after its output, is no failure', async () => {
  expect(await read('fps=4,scale=16:16')).toBe(8 * 16 * 16 * 3);
});

test.skipIf(!hasFfmpeg)('one that ends badly, long after its output, is a failure', async () => {
  await expect(read('nosuchfilter')).rejects.toMatchObject({ name: 'DecodeFailure' });
});
