import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { mediaOrder } from '../../../pipeline/replay/media-order.ts';
import type { CaptionInput, FrameInput } from '../../../pipeline/frames.ts';
import type { DecodedFrame } from '../../../pipeline/replay/decode-frames.ts';

async function* framesAt(times: readonly number[]): AsyncGenerator<DecodedFrame> {
  for (const ptsMs of times) yield { ptsMs, width: 1, height: 1, data: new Uint8Array(3) };
}

function segmentsAt(starts: readonly number[]) {
  return starts.map((start_ms, i) => ({ segment_id: `cue-${i}`, start_ms, end_ms: start_ms + 10, text: 'x' }));
}

async function merged(times: readonly number[], starts: readonly number[], endMs: number) {
  const inputs: (FrameInput | CaptionInput)[] = [];
  const merge = mediaOrder(framesAt(times), segmentsAt(starts), () => endMs);
  let next = await merge.next();
  for (; next.done !== true; next = await merge.next()) inputs.push(next.value);
  return { inputs, leftOut: next.value };
}

function timeOf(input: FrameInput | CaptionInput): number {
  return input.kind === 'frame' ? input.ptsMs : input.caption.start_ms;
}

test('captions come at their start, before a frame of the same time', async () => {
  const { inputs, leftOut } = await merged([0, 100, 200], [0, 150, 200, 250, 300, 400], 300);
  expect(inputs.map((input) => `${input.kind} ${timeOf(input)}`)).toEqual([
    'caption 0',
    'frame 0',
    'frame 100',
    'caption 150',
    'caption 200',
    'frame 200',
    'caption 250',
  ]);
  expect(leftOut).toBe(2);
});

test('any frames and captions: all there, in the order of time, numbered', async () => {
  const times = fc.uniqueArray(fc.nat(5000)).map((list) => list.sort((a, b) => a - b));
  const starts = fc.array(fc.nat(6000)).map((list) => list.sort((a, b) => a - b));
  await fc.assert(
    fc.asyncProperty(times, starts, fc.nat(6000), async (frames, captions, endMs) => {
      const { inputs, leftOut } = await merged(frames, captions, endMs);
      const order = inputs.map(timeOf);
      expect(order).toEqual([...order].sort((a, b) => a - b));
      const seen = inputs.filter((input) => input.kind === 'frame');
      expect(seen.map((input) => [input.seq, input.ptsMs])).toEqual([...frames.entries()]);
      expect(inputs.length - seen.length + leftOut).toBe(captions.length);
      const lastMs = Math.max(endMs - 1, frames.at(-1) ?? -1);
      expect(leftOut).toBe(captions.filter((startMs) => startMs > lastMs).length);
    }),
  );
});
