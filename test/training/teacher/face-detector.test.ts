import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { random } from '../../../models/random.ts';
import { drawBackground } from '../../../training/augment/background.ts';
import { decodePicture } from '../../../training/augment/decode-picture.ts';
import type { Picture } from '../../../training/augment/picture.ts';
import { sortPictures } from '../../../training/stages/sort-pictures.ts';
import { openFaceDetector, type FaceDetector } from '../../../training/teacher/face-detector.ts';

/**
 * Photographs that the package comes with, and what face-api.js 1.7.15 itself says of them on TensorFlow.js 4.22: confidence,
 * centre, width and height.
 */
const REFERENCE: Readonly<Record<string, readonly (readonly number[])[]>> = {
  'sample3.jpg': [
    [0.99, 685, 465, 199, 271],
    [0.96, 1599, 431, 170, 280],
    [0.62, 1185, 364, 220, 299],
  ],
  'sample5.jpg': [
    [0.99, 865, 215, 156, 212],
    [0.98, 1192, 316, 158, 236],
    [0.94, 1489, 525, 165, 271],
    [0.94, 681, 539, 166, 249],
    [0.9, 463, 1010, 172, 301],
  ],
};

const require = createRequire(import.meta.url);

async function photograph(name: string): Promise<Picture> {
  return decodePicture(await readFile(require.resolve(`@vladmandic/face-api/demo/${name}`)), { minSide: 4096 });
}

let detector: FaceDetector;
beforeAll(async () => {
  detector = await openFaceDetector();
}, 60_000);
afterAll(() => detector.close());

describe('openFaceDetector', () => {
  it.each(Object.entries(REFERENCE))('sees in %s what face-api.js sees', async (name, expected) => {
    const found = await detector.detect(await photograph(name), 0.3);
    expect(found).toHaveLength(expected.length);
    for (const [confidence = 0, x = 0, y = 0, width = 1, height = 1] of expected) {
      const same = found.find((face) => Math.hypot(face.x - x, face.y - y) < 0.1 * height);
      expect(Math.abs((same?.confidence ?? 0) - confidence)).toBeLessThan(0.1);
      expect((same?.width ?? 0) / width).toBeCloseTo(1, 0);
      expect((same?.height ?? 0) / height).toBeCloseTo(1, 0);
      expect(Math.abs((same?.height ?? 0) - height) / height).toBeLessThan(0.15);
    }
  });

  it('names the surest face first', async () => {
    const confidences = (await detector.detect(await photograph('sample5.jpg'), 0.05)).map((face) => face.confidence);
    expect(confidences.length).toBeGreaterThanOrEqual(5);
    expect(confidences).toEqual(confidences.toSorted((a, b) => b - a));
  });
});

describe('sortPictures', () => {
  it('tells portraits from pictures without a face, and leaves out what is neither', async () => {
    const group = await photograph('sample5.jpg');
    const wall: Picture = { width: 128, height: 128, channels: 3, data: drawBackground(random(3), 128) };
    const sort = (face: number, smallest: number) =>
      sortPictures([group, wall], { detector, config: { face, faceless: 0.3, smallest } });

    const sorted = await sort(0.6, 0.05);
    expect(sorted.faceless).toEqual([wall]);
    expect(sorted.portraits.map(({ picture }) => picture)).toEqual([group]);
    const { faces = [] } = sorted.portraits[0] ?? {};
    expect(faces).toHaveLength(5);
    for (const { side } of faces) expect(side / group.height).toBeCloseTo(0.17, 1);

    expect(await sort(0.6, 0.5)).toEqual({ faceless: [wall], portraits: [] });
    expect(await sort(0.95, 0.05)).toEqual({ faceless: [wall], portraits: [] });
  });

  it('stops when it is told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    const config = { face: 0.6, faceless: 0.3, smallest: 0.1 };
    const sorted = sortPictures([await photograph('sample3.jpg')], { detector, config, signal });
    await expect(sorted).rejects.toThrow('enough');
  });
});
