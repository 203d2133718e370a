import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { random } from '../../../models/random.ts';
import { DEFAULT_CLIP, type ClipConfig, composeClip } from '../../../training/augment/clips.ts';

/** Ten faces each; the tens digit is the emotion. */
const FACES = {
  happy: Array.from({ length: 10 }, (_, i) => i),
  sad: Array.from({ length: 10 }, (_, i) => 10 + i),
  neutral: Array.from({ length: 10 }, (_, i) => 20 + i),
  none: [],
};
const PLAIN: ClipConfig = { ...DEFAULT_CLIP, onset: 0, stray: 0 };

function clip(seed: number, config: ClipConfig = DEFAULT_CLIP, slots = 8): ReturnType<typeof composeClip> {
  return composeClip({ random: random(seed), emotion: 'happy', faces: FACES, slots, config });
}

describe('composeClip', () => {
  it('has a face of the emotion in the newest slot, whatever the configuration', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 20 }), (seed, slots) => {
        const config = { ...DEFAULT_CLIP, onset: 0.9, stray: 0.9, variants: 4 };
        const { faces, variants } = clip(seed, config, slots);
        expect([faces.length, variants.length]).toEqual([slots, slots]);
        expect(FACES.happy).toContain(faces.at(-1));
        expect(variants.every((v) => v >= 0 && v < 4)).toBe(true);
        expect(clip(seed, config, slots)).toEqual(clip(seed, config, slots));
      }),
    );
  });

  it('shows up to three faces, one after the other', () => {
    const counts = [0, 0, 0, 0];
    for (let seed = 0; seed < 3000; seed++) {
      const { faces } = clip(seed, PLAIN);
      const changes = faces.filter((face, i) => i > 0 && face !== faces[i - 1]).length;
      counts[changes] = (counts[changes] ?? 0) + 1;
      expect(faces.every((face) => FACES.happy.includes(face))).toBe(true);
    }
    // The next face is the same one in a tenth of the cases, which moves a few percent to fewer changes.
    expect((counts[0] ?? 0) / 3000).toBeCloseTo(0.63, 1);
    expect((counts[1] ?? 0) / 3000).toBeCloseTo(0.29, 1);
    expect((counts[2] ?? 0) / 3000).toBeCloseTo(0.08, 1);
    expect(counts[3]).toBe(0);
  });

  it.each([
    ['onset', { ...PLAIN, onset: 1 }, /^n{1,3}h+$/],
    ['no onset', PLAIN, /^h+$/],
  ])('%s', (_, config, pattern) => {
    for (let seed = 0; seed < 100; seed++)
      expect(Array.from(clip(seed, config).faces, (face) => 'hsn'[Math.floor(face / 10)]).join('')).toMatch(pattern);
  });

  it('strays about as often as asked', () => {
    let strays = 0;
    for (let seed = 0; seed < 3000; seed++)
      strays += clip(seed, { ...PLAIN, stray: 0.3 }).faces.filter((f) => f >= 10).length;
    expect(strays / (3000 * 7)).toBeCloseTo(0.2, 1);
  });

  it('needs faces of the emotion', () => {
    const arguments_ = { random: random(1), emotion: 'none', faces: FACES, slots: 8 };
    expect(() => composeClip(arguments_)).toThrow('no faces of emotion none');
  });
});
