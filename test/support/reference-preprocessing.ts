import type { RgbImage } from '../../models/encoders/image-input/fit-image.ts';

const BITS = 22;

/** Pillow's kernels: half width and value. */
const KERNELS = {
  bilinear: { support: 1, at: (x: number) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: {
    support: 2,
    at: (signed: number) => {
      const a = -0.5;
      const x = Math.abs(signed);
      if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
    },
  },
} as const;

export type ReferenceFilter = keyof typeof KERNELS;

/**
 * Pillow's `Image.resize` of an RGB image, by its definition and with its arithmetic: weights rounded to 22 bits, a
 * horizontal and then a vertical pass over the whole picture, 8 bits between them. Slow.
 */
export function pillowResize(image: RgbImage, width: number, height: number, filter: ReferenceFilter): RgbImage {
  const across = width === image.width ? image : transposed(resizeRows(transposed(image), width, filter));
  return height === image.height ? across : resizeRows(across, height, filter);
}

/** The centred square of Hugging Face's image processors. */
function centreCrop({ width, height, data }: RgbImage, size: number): RgbImage {
  const top = Math.floor((height - size) / 2);
  const left = Math.floor((width - size) / 2);
  const out = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    const from = ((top + y) * width + left) * 3;
    out.set(data.subarray(from, from + size * 3), y * size * 3);
  }
  return { width: size, height: size, data: out };
}

/** What the image processor of CLIP makes: the shorter side scaled to `resize`, the centre cut, channels normalised. */
export function clipPixels(
  image: RgbImage,
  { size, resize, filter }: { readonly size: number; readonly resize: number; readonly filter: ReferenceFilter },
): Uint8Array {
  const { width, height } = image;
  const long = Math.floor((resize * Math.max(width, height)) / Math.min(width, height));
  const [w, h] = width <= height ? [resize, long] : [long, resize];
  return centreCrop(pillowResize(image, w, h, filter), size).data;
}

/** [1, 3, size, size] of (value / 255 - mean) / std, in double precision until the end. */
export function normalised(pixels: Uint8Array, mean: readonly number[], std: readonly number[]): Float32Array {
  const plane = pixels.length / 3;
  return Float32Array.from({ length: pixels.length }, (_, i) => {
    const channel = Math.floor(i / plane);
    return ((pixels[(i % plane) * 3 + channel] ?? 0) / 255 - (mean[channel] ?? 0)) / (std[channel] ?? 1);
  });
}

function resizeRows({ width, height, data }: RgbImage, out: number, filter: ReferenceFilter): RgbImage {
  const kernel = KERNELS[filter];
  const scale = height / out;
  const stretch = Math.max(1, scale);
  const result = new Uint8Array(out * width * 3);
  for (let y = 0; y < out; y++) {
    const centre = (y + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - kernel.support * stretch + 0.5));
    const last = Math.min(height, Math.floor(centre + kernel.support * stretch + 0.5));
    const exact = Array.from({ length: last - first }, (_, k) => kernel.at((first + k - centre + 0.5) / stretch));
    const sum = exact.reduce((a, b) => a + b, 0);
    const weights = exact.map((value) => {
      const scaled = (value / sum) * 2 ** BITS;
      return Math.trunc(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    });
    for (let x = 0; x < width * 3; x++) {
      let value = 2 ** (BITS - 1);
      for (const [k, weight] of weights.entries()) value += weight * (data[(first + k) * width * 3 + x] ?? 0);
      result[y * width * 3 + x] = Math.min(255, Math.max(0, Math.floor(value / 2 ** BITS)));
    }
  }
  return { width, height: out, data: result };
}

function transposed({ width, height, data }: RgbImage): RgbImage {
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) out[(x * height + y) * 3 + c] = data[(y * width + x) * 3 + c] ?? 0;
  return { width: height, height: width, data: out };
}
