import { describe, expect, it } from 'vitest';
import type { ModalitySpec, WindowInput } from '../../../models/model.ts';
import { random } from '../../../models/random.ts';
import { zeroFilled } from '../../../models/zero-filled.ts';
import {
  loseFrom,
  nothingObserved,
  presencePattern,
  type MissingLevel,
} from '../../../training/evaluation/presence.ts';

const SLOTS = 4;
const MODALITIES: readonly ModalitySpec[] = [
  { name: 'video', kind: 'image', slots: SLOTS },
  { name: 'text', kind: 'text', slots: 1 },
];
const N = 1000;

const windowOf = (video: readonly number[], text = 1): WindowInput => ({
  video: {
    embeddings: Float32Array.from(video.flatMap((there, slot) => (there === 0 ? [0, 0] : [slot + 1, slot + 10]))),
    mask: Float32Array.from(video),
  },
  text: { embeddings: Float32Array.of(7 * text, 8 * text), mask: Float32Array.of(text) },
});
const whole = windowOf([1, 1, 1, 1]);
const lost = (window: WindowInput, rates: Readonly<Record<string, number>>, level: MissingLevel): WindowInput[] =>
  Array.from({ length: N }, (_, i) => loseFrom(window, rates, level, random(level, i)));
const masks = (windows: readonly WindowInput[], name: string): number[][] =>
  windows.map((window) => [...(window[name]?.mask ?? [])]);
const shareOf = (rows: readonly (readonly number[])[]): number =>
  rows.flat().filter((value) => value === 0).length / rows.flat().length;

describe('what is lost of a window', () => {
  it('is all of a modality or nothing, as often as asked, at the level of samples', () => {
    const video = masks(lost(whole, { video: 0.3 }, 'sample'), 'video');
    expect(video.every((mask) => new Set(mask).size === 1)).toBe(true);
    expect(shareOf(video)).toBeCloseTo(0.3, 1);
  });

  it('is each slot on its own at the level of slots, and a text as a whole', () => {
    const windows = lost(whole, { video: 0.3, text: 0.6 }, 'slot');
    const video = masks(windows, 'video');
    expect(shareOf(video)).toBeCloseTo(0.3, 1);
    expect(video.filter((mask) => new Set(mask).size === 2).length / N).toBeCloseTo(1 - 0.3 ** 4 - 0.7 ** 4, 1);
    expect(shareOf(masks(windows, 'text'))).toBeCloseTo(0.6, 1);
  });

  it('is zeros, and what is left stays as it was', () => {
    for (const level of ['sample', 'slot'] as const)
      for (const { video, text } of lost(whole, { video: 0.5 }, level).slice(0, 50)) {
        expect(text).toBe(whole['text']);
        expect(video).toEqual(windowOf([...(video?.mask ?? [])])['video']);
      }
  });

  it('does not come back', () => {
    const sparse = windowOf([0, 1, 0, 1], 0);
    for (const { video, text } of lost(sparse, { video: 0.5, text: 0.5 }, 'slot')) {
      expect([video?.mask[0], video?.mask[2], text?.mask[0]]).toEqual([0, 0, 0]);
    }
  });

  it('leaves nothing where all of it is lost', () => {
    expect(lost(whole, { video: 1, text: 1 }, 'sample').every(nothingObserved)).toBe(true);
    expect(lost(whole, { video: 1 }, 'slot').some(nothingObserved)).toBe(false);
  });
});

it.each([
  [[1, 1, 1, 1], 1, 'video=observed,text=observed'],
  [[1, 1, 1, 0], 1, 'video=mixed,text=observed'],
  [[0, 0, 1, 0], 0, 'video=mixed,text=virtual'],
  [[0, 0, 0, 0], 1, 'video=virtual,text=observed'],
] as const)('the pattern of %j with text %i is %s', (video, text, pattern) => {
  expect(presencePattern(windowOf(video, text), MODALITIES)).toBe(pattern);
});

it('filling with zeros says that everything was observed, and changes no embedding', () => {
  const sparse = windowOf([0, 1, 0, 1], 0);
  const filled = zeroFilled(sparse);
  expect(presencePattern(filled, MODALITIES)).toBe('video=observed,text=observed');
  for (const name of ['video', 'text']) expect(filled[name]?.embeddings).toEqual(sparse[name]?.embeddings);
});
