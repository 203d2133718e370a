import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import sharp from 'sharp';
import { random } from '../../../models/random.ts';
import { drawBackground } from '../../../training/augment/background.ts';
import { decodePicture } from '../../../training/augment/decode-picture.ts';
import { addNoise, blur, erase, throughJpeg, toGrey } from '../../../training/augment/effects.ts';
import { augmentFace } from '../../../training/augment/face.ts';
import { DEFAULT_FACE_AUGMENT, NO_FACE_AUGMENT } from '../../../training/augment/face-config.ts';
import { type Picture, boxReduce } from '../../../training/augment/picture.ts';

/** Dark left, bright right; slightly brighter below. */
function ramp(width: number, height: number, channels: 1 | 3): Picture {
  const data = Uint8Array.from({ length: width * height * channels }, (_, i) => {
    const x = Math.floor(i / channels) % width;
    const y = Math.floor(i / channels / width);
    return 40.5 + (150 * (x + 0.5)) / width + (40 * (y + 0.5)) / height;
  });
  return { width, height, channels, data };
}

function columnMean(pixels: Uint8Array, size: number, from: number, to: number): number {
  let sum = 0;
  for (let y = 0; y < size; y++) for (let i = from * 3; i < to * 3; i++) sum += pixels[y * size * 3 + i] as number;
  return sum / (size * (to - from) * 3);
}

const view = (change: object, picture = ramp(48, 48, 1), size = 64): Uint8Array =>
  augmentFace(random(5), picture, size, { ...NO_FACE_AUGMENT, ...change });

function coloured(pixels: Uint8Array): boolean {
  return pixels.some((v, i) => i % 3 > 0 && v !== pixels[i - (i % 3)]);
}

function flat(value: number): Uint8Array {
  return new Uint8Array(64 * 64 * 3).fill(value);
}

describe('augmentFace', () => {
  it.each([1, 3] as const)('without changes a picture of the right size is itself, %i channels', (channels) => {
    const picture = ramp(64, 64, channels);
    const expected =
      channels === 3
        ? picture.data
        : Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => picture.data[Math.floor(i / 3)] as number);
    expect(view({}, picture)).toEqual(expected);
  });

  it.each([
    ['larger', 48],
    ['smaller', 112],
    ['much smaller', 500],
  ])('scales to a %s output without a shift', (_, side) => {
    const pixels = view({}, ramp(side, side, 1));
    expect(columnMean(pixels, 64, 0, 2)).toBeCloseTo(62, -1);
    expect(Math.abs(columnMean(pixels, 64, 31, 33) - 135)).toBeLessThan(1);
    expect(columnMean(pixels, 64, 62, 64)).toBeCloseTo(208, -1);
  });

  it('mirrors', () => {
    const pixels = view({ flip: 1 });
    expect(columnMean(pixels, 64, 0, 8)).toBeGreaterThan(columnMean(pixels, 64, 56, 64) + 100);
  });

  it('a scene keeps a small face inside and shows the background around it', () => {
    const face: Picture = { width: 48, height: 48, channels: 1, data: new Uint8Array(48 * 48).fill(255) };
    for (let seed = 0; seed < 50; seed++) {
      const config = { ...NO_FACE_AUGMENT, scene: 1, sceneScale: [0.5, 0.5] as const };
      const pixels = augmentFace(random(seed, 'x'), face, 64, config);
      const drawn = pixels.filter(
        (_, i) => i % 3 === 0 && pixels[i] === 255 && pixels[i + 1] === 255 && pixels[i + 2] === 255,
      );
      expect(drawn.length).toBeGreaterThan(0.15 * 64 * 64);
      expect(drawn.length).toBeLessThan(0.45 * 64 * 64);
    }
  });

  it('tints grey faces only, and greys colour faces only', () => {
    expect(coloured(view({ tint: 1 }))).toBe(true);
    expect(coloured(view({ tint: 1 }, ramp(48, 48, 3)))).toBe(false);
    const red: Picture = {
      width: 8,
      height: 8,
      channels: 3,
      data: Uint8Array.from({ length: 192 }, (_, i) => (i % 3 === 0 ? 200 : 20)),
    };
    expect(coloured(view({}, red))).toBe(true);
    expect(coloured(view({ grey: 1 }, red))).toBe(false);
  });

  it('any configuration gives pixels, the same for the same stream, and leaves its source alone', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1, max: 130 }),
        fc.integer({ min: 1, max: 130 }),
        fc.constantFrom(1, 3),
        (seed, w, h, channels) => {
          const picture = ramp(w, h, channels === 1 ? 1 : 3);
          const before = picture.data.slice();
          const all = { ...DEFAULT_FACE_AUGMENT, scene: 0.5, noise: 0.5, blur: 0.5, erase: 0.5, jpeg: 0.5, grey: 0.5 };
          const pixels = augmentFace(random(seed), picture, 32, all);
          expect(pixels).toHaveLength(32 * 32 * 3);
          expect(augmentFace(random(seed), picture, 32, all)).toEqual(pixels);
          expect(picture.data).toEqual(before);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('views of different streams differ', () => {
    const views = Array.from({ length: 20 }, (_, i) => augmentFace(random(i), ramp(48, 48, 1), 64).join());
    expect(new Set(views).size).toBe(20);
  });
});

describe('parts', () => {
  it('boxReduce takes means', () => {
    const picture: Picture = { width: 4, height: 2, channels: 1, data: Uint8Array.from([1, 3, 10, 20, 5, 7, 30, 40]) };
    expect(boxReduce(picture, 2)).toEqual({ width: 2, height: 1, channels: 1, data: Uint8Array.from([4, 25]) });
  });

  it('noise has the asked deviation and no offset', () => {
    const pixels = flat(128);
    addNoise(random(2), pixels, 10, true);
    const mean = pixels.reduce((a, b) => a + b, 0) / pixels.length;
    const deviation = Math.sqrt(pixels.reduce((a, b) => a + (b - mean) ** 2, 0) / pixels.length);
    expect(mean).toBeCloseTo(128, 0);
    expect(deviation).toBeCloseTo(10, 0);
  });

  it('blur keeps flat areas and spreads a point', () => {
    expect(blur(flat(77), 64)).toEqual(flat(77));
    const point = flat(0).fill(160, (10 * 64 + 10) * 3, (10 * 64 + 10) * 3 + 3);
    const out = blur(point, 64);
    expect([
      out[(10 * 64 + 10) * 3],
      out[(10 * 64 + 11) * 3],
      out[(11 * 64 + 11) * 3],
      out[(12 * 64 + 10) * 3],
    ]).toEqual([40, 20, 10, 0]);
  });

  it('erasing changes something, and stays under its share', () => {
    const shares: number[] = [];
    for (let seed = 0; seed < 50; seed++) {
      const pixels = flat(128);
      erase(random(seed), pixels, 64, 0.25);
      shares.push(pixels.filter((v) => v !== 128).length / pixels.length);
    }
    expect(Math.max(...shares)).toBeLessThan(0.27);
    expect(Math.max(...shares)).toBeGreaterThan(0.15);
  });

  it('JPEG changes little at high quality, more at low', () => {
    const noisy = flat(128);
    addNoise(random(1), noisy, 20, true);
    const difference = (quality: number): number =>
      throughJpeg(noisy, 64, quality).reduce((sum, v, i) => sum + Math.abs(v - (noisy[i] as number)), 0) / noisy.length;
    expect(difference(30)).toBeGreaterThan(difference(95));
    expect(throughJpeg(flat(90), 64, 90).every((v) => Math.abs(v - 90) <= 2)).toBe(true);
  });

  it('grey is luma', () => {
    const pixels = Uint8Array.from([255, 0, 0, 0, 255, 0, 0, 0, 255]);
    toGrey(pixels);
    expect([...pixels]).toEqual([76, 76, 76, 149, 149, 149, 28, 28, 28]);
  });

  it('backgrounds vary and fill their square', () => {
    const drawn = Array.from({ length: 20 }, (_, i) => drawBackground(random(i), 32));
    expect(new Set(drawn.map((pixels) => pixels.join())).size).toBe(20);
    expect(drawn.every((pixels) => pixels.length === 32 * 32 * 3)).toBe(true);
  });
});

describe('decodePicture', () => {
  const grey = sharp(Buffer.from(ramp(112, 112, 3).data), { raw: { width: 112, height: 112, channels: 3 } });
  it.each([
    ['grey JPEG', () => grey.clone().toColourspace('b-w').jpeg(), 1, 112],
    ['grey in three channels', () => grey.clone().jpeg({ quality: 95 }), 1, 112],
    ['grey PNG', () => grey.clone().png(), 1, 112],
    ['colour JPEG', () => grey.clone().tint('#ff8855').jpeg(), 3, 112],
    ['large, averaged down', () => grey.clone().resize(300, 300).jpeg(), 1, 75],
  ] as const)('%s', async (_, make, channels, side) => {
    const picture = await decodePicture(await make().toBuffer());
    expect([picture.channels, picture.width, picture.height, picture.data.length]).toEqual([
      channels,
      side,
      side,
      side * side * channels,
    ]);
  });

  it('broken bytes are image_corrupt', async () => {
    const file = await grey.clone().jpeg().toBuffer();
    await expect(decodePicture(file.subarray(0, 600))).rejects.toMatchObject({ code: 'image_corrupt' });
  });
});
