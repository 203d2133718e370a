import { describe, expect, it } from 'vitest';
import { emptyTable } from '../../../training/sweep/clip-table.ts';
import { meansOf, observe } from '../../../training/sweep/observe.ts';

const table = emptyTable(2, 3, 2);
table.video.set([1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]);
table.text.set([7, 7, 9, 9]);
const masks = { video: Float32Array.of(0, 1, 0, 0, 0, 0), text: Float32Array.of(1, 0) };
const means = meansOf(table, masks);

describe('what a method sees of what is left', () => {
  it('means are of what is left', () => {
    expect([...means.video, ...means.text]).toEqual([2, 2, 7, 7]);
  });

  it.each([
    ['net', [0, 0, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0], [7, 7, 0, 0], [1, 0]],
    ['zero', [0, 0, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1], [7, 7, 0, 0], [1, 1]],
    ['mean', [2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2], [1, 1, 1, 1, 1, 1], [7, 7, 7, 7], [1, 1]],
    ['last', [0, 0, 2, 2, 2, 2, 0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1], [7, 7, 0, 0], [1, 1]],
  ] as const)('%s', (fill, video, videoMask, text, textMask) => {
    const seen = observe(table, [0, 1], masks, fill, means);
    expect([...seen.video]).toEqual(video);
    expect([...seen.videoMask]).toEqual(videoMask);
    expect([...seen.text]).toEqual(text);
    expect([...seen.textMask]).toEqual(textMask);
  });

  it('holds the newest of several frames, not the first', () => {
    const seen = observe(table, [1], { ...masks, video: Float32Array.of(0, 0, 0, 1, 1, 0) }, 'last', means);
    expect([...seen.video]).toEqual([4, 4, 5, 5, 5, 5]);
  });
});
