import { describe, expect, it } from 'vitest';
import { lossMasks, type Loss } from '../../../training/sweep/loss.ts';
import { drawnClips } from './clips.ts';

const table = drawnClips(400, 1);
const share = (mask: Float32Array): number => mask.filter((there) => there === 0).length / mask.length;
const whole = (loss: Loss): Loss => ({ ...loss, rate: 1 });

describe('loss', () => {
  it.each<Loss>([
    { modality: 'video', level: 'sample', rate: 0.3 },
    { modality: 'video', level: 'frame', rate: 0.3 },
    { modality: 'text', level: 'sample', rate: 0.3 },
  ])('takes about its share of %j, and nothing of the other modality', (loss) => {
    const masks = lossMasks(table, loss, 1);
    expect(share(masks[loss.modality])).toBeGreaterThan(0.2);
    expect(share(masks[loss.modality])).toBeLessThan(0.4);
    expect(share(masks[loss.modality === 'video' ? 'text' : 'video'])).toBe(0);
    expect(share(lossMasks(table, whole(loss), 1)[loss.modality])).toBe(1);
  });

  it('at the sample level takes a clip as a whole', () => {
    const { video } = lossMasks(table, { modality: 'video', level: 'sample', rate: 0.5 }, 1);
    for (let i = 0; i < table.n; i++) expect(new Set(video.subarray(i * 3, i * 3 + 3)).size).toBe(1);
  });

  it('at a higher rate takes all that it takes at a lower one', () => {
    for (const level of ['sample', 'frame'] as const) {
      const [few, many] = [0.3, 0.6].map((rate) => lossMasks(table, { modality: 'video', level, rate }, 1).video);
      expect(few?.some((there, i) => there === 0 && many?.[i] !== 0)).toBe(false);
    }
  });

  it('leaves a clip that has nothing else', () => {
    const textless = { ...table, textMask: new Float32Array(table.n) };
    expect(share(lossMasks(textless, { modality: 'video', level: 'sample', rate: 1 }, 1).video)).toBe(0);
  });

  it('gives a clip back no more than it had', () => {
    // Of each clip the data has the last frame alone.
    const videoMask = table.videoMask.map((_, i) => Number(i % table.slots === table.slots - 1));
    const sparse = { ...table, videoMask, textMask: new Float32Array(table.n) };
    for (const level of ['sample', 'frame'] as const) {
      const masks = lossMasks(sparse, { modality: 'video', level, rate: 1 }, 1);
      expect(masks).toEqual({ video: sparse.videoMask, text: sparse.textMask });
    }
  });

  it('of the text is not of the same clips as of the video', () => {
    const { text } = lossMasks(table, { modality: 'text', level: 'sample', rate: 0.5 }, 1);
    const { video } = lossMasks(table, { modality: 'video', level: 'sample', rate: 0.5 }, 1);
    expect(text.some((there, i) => there !== video[i * table.slots])).toBe(true);
  });

  it('depends on its keys alone', () => {
    const loss: Loss = { modality: 'text', level: 'sample', rate: 0.5 };
    expect(lossMasks(table, loss, 1, 'a')).toEqual(lossMasks(table, loss, 1, 'a'));
    expect(lossMasks(table, loss, 1, 'a')).not.toEqual(lossMasks(table, loss, 2, 'a'));
  });
});
