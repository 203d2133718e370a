import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { axisWeights } from '../../../../models/encoders/image-input/filter-weights.ts';
import { fitImage } from '../../../../models/encoders/image-input/fit-image.ts';

const FILTERS = ['area', 'bilinear', 'bicubic'] as const;

/** A grey image from one value per pixel. */
function grey(width: number, values: readonly number[]): { width: number; height: number; data: Uint8Array } {
  return { width, height: values.length / width, data: Uint8Array.from(values.flatMap((v) => [v, v, v])) };
}

/** Red channel of a fitted square, row by row. */
function red(pixels: Uint8Array): number[] {
  return Array.from({ length: pixels.length / 3 }, (_, i) => pixels[i * 3] as number);
}

describe('axisWeights', () => {
  it.each(FILTERS)('%s: every output is a weighted mean of the range it is given', (filter) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400 }),
        fc.nat(50),
        fc.integer({ min: 1, max: 99 }),
        (length, from, out) => {
          const size = from + length + 7;
          const axis = axisWeights(size, from, length, out, filter);
          for (let i = 0; i < out; i++) {
            const start = axis.starts[i] as number;
            const count = axis.counts[i] as number;
            expect(start).toBeGreaterThanOrEqual(from);
            expect(start + count).toBeLessThanOrEqual(from + length);
            expect(count).toBeLessThanOrEqual(axis.taps);
            const sum = axis.weights.subarray(i * axis.taps, i * axis.taps + count).reduce((a, b) => a + b, 0);
            expect(sum).toBeCloseTo(1, 4);
          }
        },
      ),
    );
  });

  it('area takes every input pixel with the same total weight', () => {
    const axis = axisWeights(10, 0, 10, 4, 'area');
    const total = new Float64Array(10);
    for (let i = 0; i < 4; i++)
      for (let k = 0; k < (axis.counts[i] as number); k++) {
        const at = (axis.starts[i] as number) + k;
        total[at] = (total[at] as number) + (axis.weights[i * axis.taps + k] as number);
      }
    for (const weight of total) expect(weight).toBeCloseTo(0.4, 5);
  });
});

describe('fitImage', () => {
  it.each(FILTERS)('%s: the same size is the same image', (filter) => {
    const data = Uint8Array.from({ length: 16 * 16 * 3 }, (_, i) => (i * 37) % 256);
    expect(fitImage({ width: 16, height: 16, data }, { size: 16, fit: 'cover', filter })).toEqual(data);
  });

  it.each(FILTERS)('%s: a flat image stays flat at any size', (filter) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 70 }), fc.nat(255), (width, height, v) => {
        const image = { width, height, data: new Uint8Array(width * height * 3).fill(v) };
        expect(new Set(fitImage(image, { size: 12, fit: 'cover', filter }))).toEqual(new Set([v]));
      }),
      { numRuns: 50 },
    );
  });

  it('area halves by the mean of four, rounded', () => {
    const image = grey(4, [0, 2, 10, 10, 4, 6, 10, 11, 100, 100, 200, 0, 100, 101, 0, 200]);
    expect(red(fitImage(image, { size: 2, fit: 'cover', filter: 'area' }))).toEqual([3, 10, 100, 100]);
  });

  it.each([
    ['cover, wide', 'cover', 4, [1, 2, 3, 4, 5, 6, 7, 8], [2, 3, 6, 7]],
    ['cover, odd rest is cut right', 'cover', 3, [1, 2, 3, 4, 5, 6], [1, 2, 4, 5]],
    ['cover, tall', 'cover', 2, [1, 2, 3, 4, 5, 6, 7, 8], [3, 4, 5, 6]],
    ['contain, wide, is padded black', 'contain', 2, [200, 100], [200, 100, 0, 0]],
  ] as const)('%s', (_, fit, width, values, expected) => {
    expect(red(fitImage(grey(width, values), { size: 2, fit, filter: 'area' }))).toEqual(expected);
  });

  it('contain keeps at least one row of an extreme shape', () => {
    const out = red(
      fitImage(
        grey(
          3000,
          Array.from({ length: 3000 }, () => 90),
        ),
        { size: 8, fit: 'contain', filter: 'area' },
      ),
    );
    expect(out.filter((v) => v === 90)).toHaveLength(8);
    expect(out.filter((v) => v === 0)).toHaveLength(56);
  });

  it('a white edge does not ring over the byte range with bicubic', () => {
    const image = grey(
      8,
      Array.from({ length: 64 }, (_, i) => (i % 8 < 4 ? 0 : 255)),
    );
    const out = red(fitImage(image, { size: 24, fit: 'cover', filter: 'bicubic' }));
    expect(out.slice(0, 6)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(out.slice(18, 24)).toEqual([255, 255, 255, 255, 255, 255]);
  });
});
