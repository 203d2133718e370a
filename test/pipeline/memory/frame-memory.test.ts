import { expect, it } from 'vitest';
import { FrameMemory } from '../../../pipeline/memory/frame-memory.ts';

const frame = (ptsMs: number, atMs = ptsMs) => ({ ptsMs, atMs, arrivedMs: atMs, frozen: false, cause: null });

it.each([
  [-100, false],
  [-99, true],
  [0, true],
  [99, true],
  [100, false],
])('a frame covers less than an interval on either side: %i ms away, %s', (away, covered) => {
  const memory = new FrameMemory();
  memory.add(frame(1000));
  expect(memory.covers(1000 + away, 100)).toBe(covered);
});

it.each([
  [499, []],
  [500, [{ startMs: 1000, endMs: 1500 }]],
])('remembers to have been behind from one slot on: %i ms', (tookMs, behind) => {
  const memory = new FrameMemory();
  memory.add(frame(1000));
  memory.done(1000 + tookMs, 500);
  expect(memory.behind).toEqual(behind);
});
