import type { ImagePreprocessing } from '../../bundle/manifest.ts';
import { axisWeights } from './filter-weights.ts';

/** 8-bit RGB rows from the top, `width * height * 3` bytes. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

let columns = new Float32Array(0);

/**
 * Crops or pads to a square and resamples to `size`, in two passes (columns, then rows).
 *
 * `cover` keeps the centred square of the shorter side (the odd pixel is cut right and below); `contain` keeps
 * everything, scaled to fit and centred on black. Returns `size * size * 3` new bytes.
 */
export function fitImage(image: RgbImage, { size, fit, filter }: ImagePreprocessing): Uint8Array {
  const { width, height, data } = image;
  const side = fit === 'cover' ? Math.min(width, height) : Math.max(width, height);
  const cropWidth = Math.min(side, width);
  const cropHeight = Math.min(side, height);
  const outWidth = Math.max(1, Math.round((cropWidth / side) * size));
  const outHeight = Math.max(1, Math.round((cropHeight / side) * size));
  const top = Math.floor((height - cropHeight) / 2);
  const across = axisWeights(width, Math.floor((width - cropWidth) / 2), cropWidth, outWidth, filter);
  const down = axisWeights(height, top, cropHeight, outHeight, filter);
  const stride = outWidth * 3;
  if (columns.length < cropHeight * stride) columns = new Float32Array(cropHeight * stride);
  const rows = columns;

  for (let y = 0; y < cropHeight; y++) {
    const rowStart = (top + y) * width;
    for (let x = 0; x < outWidth; x++) {
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

  const pixels = new Uint8Array(size * size * 3);
  const left = Math.floor((size - outWidth) / 2);
  const above = Math.floor((size - outHeight) / 2);
  const sums = new Float32Array(stride);
  for (let y = 0; y < outHeight; y++) {
    const count = down.counts[y] as number;
    let at = ((down.starts[y] as number) - top) * stride;
    sums.fill(0.5);
    for (let k = 0; k < count; k++, at += stride) {
      const weight = down.weights[y * down.taps + k] as number;
      for (let x = 0; x < stride; x++) sums[x] = (sums[x] as number) + weight * (rows[at + x] as number);
    }
    const to = ((above + y) * size + left) * 3;
    for (let x = 0; x < stride; x++) {
      const value = sums[x] as number;
      pixels[to + x] = value < 0 ? 0 : value > 255 ? 255 : value;
    }
  }
  return pixels;
}
