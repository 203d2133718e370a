import type { ImagePreprocessing } from '../../bundle/manifest.ts';
import { type Filter, axisWeights } from './filter-weights.ts';

/** 8-bit RGB rows from the top, `width * height * 3` bytes. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A part of a picture, in whole pixels. */
export interface Part {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

let columns = new Float32Array(0);

/**
 * Crops or pads to a square and resamples to `size`.
 *
 * `cover` keeps the centred square of the shorter side (the odd pixel is cut right and below); `contain` keeps
 * everything, scaled to fit and centred on black. Returns `size * size * 3` new bytes.
 */
export function fitImage(image: RgbImage, { size, fit, filter }: ImagePreprocessing): Uint8Array {
  const { width, height } = image;
  const side = fit === 'cover' ? Math.min(width, height) : Math.max(width, height);
  const [w, h] = [Math.min(side, width), Math.min(side, height)];
  const part = { left: Math.floor((width - w) / 2), top: Math.floor((height - h) / 2), width: w, height: h };
  const outWidth = Math.max(1, Math.round((w / side) * size));
  const outHeight = Math.max(1, Math.round((h / side) * size));
  return scalePart(image, part, { size, width: outWidth, height: outHeight }, filter);
}

/** The square part of a picture, resampled to `size * size * 3` new bytes. */
export function fitPart(image: RgbImage, part: Part, size: number, filter: Filter): Uint8Array {
  return scalePart(image, part, { size, width: size, height: size }, filter);
}

/** Resamples a part to `width` x `height` in the middle of a black square, in two passes (columns, then rows). */
function scalePart(
  { width, height, data }: RgbImage,
  part: Part,
  out: { readonly size: number; readonly width: number; readonly height: number },
  filter: Filter,
): Uint8Array {
  const { top } = part;
  const across = axisWeights(width, part.left, part.width, out.width, filter);
  const down = axisWeights(height, top, part.height, out.height, filter);
  const stride = out.width * 3;
  if (columns.length < part.height * stride) columns = new Float32Array(part.height * stride);
  const rows = columns;

  for (let y = 0; y < part.height; y++) {
    const rowStart = (top + y) * width;
    for (let x = 0; x < out.width; x++) {
      let r = 0;
      let g = 0;
      let b = 0;
      let at = (rowStart + (across.starts[x] as number)) * 3;
      const first = x * across.taps;
      const end = first + (across.counts[x] as number);
      for (let k = first; k < end; k++, at += 3) {
        const weight = across.weights[k] as number;
        r += weight * (data[at] as number);
        g += weight * (data[at + 1] as number);
        b += weight * (data[at + 2] as number);
      }
      const to = y * stride + x * 3;
      rows[to] = r;
      rows[to + 1] = g;
      rows[to + 2] = b;
    }
  }

  const pixels = new Uint8Array(out.size * out.size * 3);
  const left = Math.floor((out.size - out.width) / 2);
  const above = Math.floor((out.size - out.height) / 2);
  const sums = new Float32Array(stride);
  for (let y = 0; y < out.height; y++) {
    const count = down.counts[y] as number;
    let at = ((down.starts[y] as number) - top) * stride;
    sums.fill(0.5);
    for (let k = 0; k < count; k++, at += stride) {
      const weight = down.weights[y * down.taps + k] as number;
      for (let x = 0; x < stride; x++) sums[x] = (sums[x] as number) + weight * (rows[at + x] as number);
    }
    const to = ((above + y) * out.size + left) * 3;
    for (let x = 0; x < stride; x++) {
      const value = sums[x] as number;
      pixels[to + x] = value < 0 ? 0 : value > 255 ? 255 : value;
    }
  }
  return pixels;
}
