import { describe, expect, it } from 'vitest';
import { random } from '../../../models/random.ts';
import { NO_FACE_AUGMENT } from '../../../training/augment/face-config.ts';
import type { Picture } from '../../../training/augment/picture.ts';
import type { Portrait } from '../../../training/augment/crop-picture.ts';
import { composeScene, type SceneConfig, type ScenePictures } from '../../../training/augment/scene.ts';
import { DEFAULT_SCENE } from '../../../training/augment/scene-config.ts';

const SIZE = 96;
/** A face that nothing else in a scene of drawn greys looks like. */
const RED: Picture = {
  width: 48,
  height: 48,
  channels: 3,
  data: Uint8Array.from({ length: 48 * 48 * 3 }, (_, i) => (i % 3 === 0 ? 255 : 0)),
};
const NONE: ScenePictures = { faceless: [], portraits: [] };
const PLAIN: SceneConfig = { ...DEFAULT_SCENE, empty: 0, whole: 0, patches: 0, augment: NO_FACE_AUGMENT };

/** A grey picture with red squares for faces. */
function portrait(width: number, height: number, faces: Portrait['faces']): Portrait {
  const data = new Uint8Array(width * height * 3).fill(90);
  for (const { x, y, side } of faces)
    for (let row = y - side / 2; row < y + side / 2; row++)
      for (let column = x - side / 2; column < x + side / 2; column++)
        data.set([255, 0, 0], (row * width + column) * 3);
  return { picture: { width, height, channels: 3, data }, faces };
}

/** Centre and area of the pure red pixels, in shares of the square. */
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
      const { pixels, faces } = composeScene(random('scene', i), RED, SIZE, { ...PLAIN, scale: [0.3, 0.6] }, NONE);
      const red = redPart(pixels);
      expect(faces).toHaveLength(1);
      const [face] = faces;
      // A soft edge, or one beyond the picture's, takes some of the face away.
      expect(Math.abs(red.x - (face?.x ?? 0))).toBeLessThan(0.07);
      expect(Math.abs(red.y - (face?.y ?? 0))).toBeLessThan(0.07);
      expect(red.area / (face?.side ?? 0) ** 2).toBeGreaterThan(0.35);
      expect(red.area / (face?.side ?? 0) ** 2).toBeLessThan(1.15);
    }
  });

  it('has no face in an empty scene', () => {
    const { pixels, faces } = composeScene(random(1), RED, SIZE, { ...PLAIN, empty: 1 }, NONE);
    expect(faces).toEqual([]);
    expect(redPart(pixels).area).toBe(0);
  });

  it('fills a square picture with the face where that is all there is', () => {
    const { pixels, faces } = composeScene(random(2), RED, SIZE, { ...PLAIN, whole: 1 }, NONE);
    expect(faces[0]?.side).toBeGreaterThan(0.9);
    expect(redPart(pixels).area).toBeGreaterThan(0.75);
  });

  it('shows part of a picture with its own faces, and says where they are', () => {
    const config = { ...PLAIN, portraits: 1, scale: [0.2, 0.6] as const };
    const mirrored = { ...config, augment: { ...config.augment, flip: 1 } };
    for (let i = 0; i < 60; i++) {
      const pictures = { ...NONE, portraits: [portrait(300, 160, [{ x: 210, y: 60, side: 40 }])] };
      const { pixels, faces } = composeScene(random('own', i), RED, SIZE, i % 2 === 0 ? config : mirrored, pictures);
      const red = redPart(pixels);
      expect(faces).toHaveLength(1);
      const [{ x, y, side } = { x: 0, y: 0, side: 0 }] = faces;
      expect(Math.abs(red.x - x)).toBeLessThan(0.05);
      expect(Math.abs(red.y - y)).toBeLessThan(0.05);
      expect(red.area / side ** 2).toBeGreaterThan(0.5);
      expect(red.area / side ** 2).toBeLessThan(1.1);
    }
  });

  it('knows every face in view, but none that is tiny', () => {
    const faces = [
      { x: 60, y: 80, side: 60 },
      { x: 150, y: 80, side: 50 },
      { x: 230, y: 80, side: 6 },
    ];
    const pictures = { ...NONE, portraits: [{ ...portrait(300, 160, faces), faces: faces.slice(0, 2) }] };
    const all = { ...pictures, portraits: [portrait(300, 160, faces)] };
    const config = { ...PLAIN, portraits: 1, scale: [0.17, 0.4] as const };
    const counts = Array.from({ length: 60 }, (_, i) => {
      const known = composeScene(random('two', i), RED, SIZE, config, pictures).faces;
      expect(known.length).toBeGreaterThan(0);
      for (const { side } of composeScene(random('three', i), RED, SIZE, config, all).faces)
        expect(side).toBeGreaterThan(0.06);
      return known.length;
    });
    expect(new Set(counts)).toEqual(new Set([1, 2]));
  });

  it('shows part of a picture without a face as it is', () => {
    const { pixels, faces } = composeScene(
      random(7),
      RED,
      SIZE,
      { ...PLAIN, faceless: 1 },
      { ...NONE, faceless: [RED] },
    );
    expect(faces).toEqual([]);
    expect(redPart(pixels).area).toBeGreaterThan(0.5);
  });

  it('gives the same scene for the same stream, and others for others', () => {
    const scene = (seed: number): Uint8Array =>
      composeScene(random(seed), RED, SIZE, DEFAULT_SCENE, { ...NONE, faceless: [RED] }).pixels;
    expect(scene(3)).toEqual(scene(3));
    expect(scene(3)).not.toEqual(scene(4));
  });

  it('keeps black around pictures that are not square', () => {
    const shapes = Array.from({ length: 40 }, (_, i) => {
      const { pixels } = composeScene(random('shape', i), RED, SIZE, PLAIN, NONE);
      const row = (y: number): boolean =>
        pixels.subarray(y * SIZE * 3, (y + 1) * SIZE * 3).every((value) => value === 0);
      return row(0) && row(SIZE - 1);
    });
    expect(shapes).toContain(true);
    expect(shapes).toContain(false);
  });
});
