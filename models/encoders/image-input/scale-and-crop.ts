import type { ImagePreprocessing } from '../../bundle/manifest.ts';
import { type AxisWeights, scaledPartWeights } from './filter-weights.ts';
import type { RgbImage } from './fit-image.ts';

let columns = new Uint8ClampedArray(0);

/**
 * The preprocessing of published models, as Pillow and the Hugging Face image processors do it: the whole picture is
 * scaled, in 8 bits between and after the two passes (columns, then rows), and the centred square is cut out of it.
 *
 * `cover` scales the shorter side to `resize` and the longer one in proportion, rounded down; `stretch` scales both sides
 * to `size`. Only what the crop keeps is computed. Returns `size * size * 3` new bytes.
 */
export function scaleAndCrop(
  image: RgbImage,
  preprocessing: Pick<ImagePreprocessing, 'size' | 'fit' | 'filter' | 'resize'>,
): Uint8Array {
  const { size, filter } = preprocessing;
  const [width, height] = scaledSize(image, preprocessing);
  const across = scaledPartWeights(
    { size: image.width, resized: width, first: centred(width, size), count: size },
    filter,
  );
  const down = scaledPartWeights(
    { size: image.height, resized: height, first: centred(height, size), count: size },
    filter,
  );
  const top = down.starts[0] as number;
  const end = (down.starts[size - 1] as number) + (down.counts[size - 1] as number);
  const stride = size * 3;
  if (columns.length < (end - top) * stride) columns = new Uint8ClampedArray((end - top) * stride);
  for (let y = top; y < end; y++)
    scaleRow(image, y, across, columns.subarray((y - top) * stride, (y - top + 1) * stride));

  const pixels = new Uint8Array(size * stride);
  const sums = new Float32Array(stride);
  for (let y = 0; y < size; y++) {
    const count = down.counts[y] as number;
    let at = ((down.starts[y] as number) - top) * stride;
    sums.fill(0.5);
    for (let k = 0; k < count; k++, at += stride) {
      const weight = down.weights[y * down.taps + k] as number;
      for (let x = 0; x < stride; x++) sums[x] = (sums[x] as number) + weight * (columns[at + x] as number);
    }
    for (let x = 0; x < stride; x++) {
      const value = sums[x] as number;
      pixels[y * stride + x] = value < 0 ? 0 : value > 255 ? 255 : value;
    }
  }
  return pixels;
}

/** Width and height of the whole picture after scaling, at least `size` each. */
function scaledSize(
  { width, height }: Pick<RgbImage, 'width' | 'height'>,
  { size, fit, resize = size }: Pick<ImagePreprocessing, 'size' | 'fit' | 'resize'>,
): readonly [width: number, height: number] {
  if (fit === 'stretch') return [size, size];
  const shorter = Math.min(width, height);
  const longer = Math.floor((resize * Math.max(width, height)) / shorter);
  return width <= height ? [resize, longer] : [longer, resize];
}

function centred(length: number, size: number): number {
  return Math.floor((length - size) / 2);
}

/** One row of the picture at the output's columns, rounded to 8 bits. */
function scaleRow({ width, data }: RgbImage, y: number, across: AxisWeights, out: Uint8ClampedArray): void {
  const { starts, counts, weights, taps } = across;
  const row = y * width;
  for (let x = 0; x < starts.length; x++) {
    let r = 0;
    let g = 0;
    let b = 0;
    let at = (row + (starts[x] as number)) * 3;
    const end = x * taps + (counts[x] as number);
    for (let k = x * taps; k < end; k++, at += 3) {
      const weight = weights[k] as number;
      r += weight * (data[at] as number);
      g += weight * (data[at + 1] as number);
      b += weight * (data[at + 2] as number);
    }
    out[x * 3] = r;
    out[x * 3 + 1] = g;
    out[x * 3 + 2] = b;
  }
}
