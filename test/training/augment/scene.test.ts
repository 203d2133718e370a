import { describe, expect, it } from 'vitest';
import { random } from '../../../models/random.ts';
import { NO_FACE_AUGMENT } from '../../../training/augment/face-config.ts';
import type { Picture } from '../../../training/augment/picture.ts';
import { composeScene, type SceneConfig } from '../../../training/augment/scene.ts';
import { DEFAULT_SCENE } from '../../../training/augment/scene-config.ts';

const SIZE = 96;
/** A face that nothing else in a scene of drawn greys looks like. */
const RED: Picture = {
  width: 48,
  height: 48,
  channels: 3,
  data: Uint8Array.from({ length: 48 * 48 * 3 }, (_, i) => (i % 3 === 0 ? 255 : 0)),
};
const PLAIN: SceneConfig = { ...DEFAULT_SCENE, empty: 0, whole: 0, patches: 0, augment: NO_FACE_AUGMENT };

/** Centre and side of the pure red pixels, in shares of the square. */
function redPart(pixels: Uint8Array): { x: number; y: number; area: number } {
  let [count, sumX, sumY] = [0, 0, 0];
  for (let i = 0; i < pixels.length; i += 3)
    if (pixels[i] === 255 && pixels[i + 1] === 0 && pixels[i + 2] === 0) {
      count++;
      sumX += ((i / 3) % SIZE) + 0.5;
      sumY += Math.floor(i / 3 / SIZE) + 0.5;
    }
  return { x: sumX / count / SIZE, y: sumY / count / SIZE, area: count / SIZE ** 2 };
}

describe('composeScene', () => {
  it('says where the face is', () => {
    for (let i = 0; i < 60; i++) {
      const { pixels, face } = composeScene(random('scene', i), RED, SIZE, { ...PLAIN, scale: [0.3, 0.6] }, []);
      const red = redPart(pixels);
      expect(face).toBeDefined();
      // A soft edge, or one beyond the picture's, takes some of the face away.
      expect(Math.abs(red.x - (face?.x ?? 0))).toBeLessThan(0.07);
      expect(Math.abs(red.y - (face?.y ?? 0))).toBeLessThan(0.07);
      expect(red.area / (face?.side ?? 0) ** 2).toBeGreaterThan(0.35);
      expect(red.area / (face?.side ?? 0) ** 2).toBeLessThan(1.15);
    }
  });

  it('has no face in an empty scene', () => {
    const { pixels, face } = composeScene(random(1), RED, SIZE, { ...PLAIN, empty: 1 }, []);
    expect(face).toBeUndefined();
    expect(redPart(pixels).area).toBe(0);
  });

  it('fills a square picture with the face where that is all there is', () => {
    const { pixels, face } = composeScene(random(2), RED, SIZE, { ...PLAIN, whole: 1 }, []);
    expect(face?.side).toBeGreaterThan(0.9);
    expect(redPart(pixels).area).toBeGreaterThan(0.75);
  });

  it('gives the same scene for the same stream, and others for others', () => {
    const scene = (seed: number): Uint8Array => composeScene(random(seed), RED, SIZE, DEFAULT_SCENE, [RED]).pixels;
    expect(scene(3)).toEqual(scene(3));
    expect(scene(3)).not.toEqual(scene(4));
  });

  it('keeps black around pictures that are not square', () => {
    const shapes = Array.from({ length: 40 }, (_, i) => {
      const { pixels } = composeScene(random('shape', i), RED, SIZE, PLAIN, []);
      const row = (y: number): boolean =>
        pixels.subarray(y * SIZE * 3, (y + 1) * SIZE * 3).every((value) => value === 0);
      return row(0) && row(SIZE - 1);
    });
    expect(shapes).toContain(true);
    expect(shapes).toContain(false);
  });
});
