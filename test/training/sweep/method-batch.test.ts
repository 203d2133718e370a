import { expect, it } from 'vitest';
import { DEFAULT_ABSENCE } from '../../../pipeline/absence/absence-masks.ts';
import { lossMasks } from '../../../training/sweep/loss.ts';
import { methodBatch } from '../../../training/sweep/method-batch.ts';
import { METHODS } from '../../../training/sweep/methods.ts';
import { meansOf } from '../../../training/sweep/observe.ts';
import { drawnClips } from './clips.ts';

const table = drawnClips(50, 1);
const masks = lossMasks(table, null);

it.each([
  ['text-only', { text: true, video: false }],
  ['video-only', { text: false, video: true }],
  ['trml', { text: true, video: true }],
  ['late-fusion', { text: true, video: true }],
] as const)('leaves %s something that it looks at of every clip', (name, looks) => {
  const method = METHODS.find((each) => each.name === name);
  if (method === undefined) throw new Error(name);
  const batch = methodBatch(
    {
      table,
      masks,
      rows: Array.from({ length: table.n }, (_, i) => i),
      means: meansOf(table, masks),
      method,
      absence: DEFAULT_ABSENCE,
      emotions: 7,
      batch: 256,
      seed: 1,
    },
    0,
  );
  const [text, video] = [batch['text_mask']?.data, batch['video_mask']?.data] as [Float32Array, Float32Array];
  for (let i = 0; i < 256; i++) {
    const seen = video.subarray(i * table.slots, (i + 1) * table.slots).includes(1);
    expect((looks.text && text[i] === 1) || (looks.video && seen)).toBe(true);
  }
  // Dropping goes on: some frames are gone wherever frames are looked at.
  expect(!looks.video || video.includes(0)).toBe(true);
});
