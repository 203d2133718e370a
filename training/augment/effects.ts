import turbo from '@julusian/jpeg-turbo';
import { type Random, random as stream } from '../../models/random.ts';
import type { FaceAugmentConfig } from './face-config.ts';

const NOISE_BITS = 15;
let noiseTable: Float32Array | undefined;

/** Adds about normal noise of standard deviation `sigma` levels, in place: a random walk through a fixed table. */
export function addNoise(random: Random, pixels: Uint8Array, sigma: number, coloured: boolean): void {
  noiseTable ??= Float32Array.from({ length: 1 << NOISE_BITS }, normals());
  const mask = (1 << NOISE_BITS) - 1;
  const step = 1 + 2 * random.int(1 << 13);
  let at = random.int(1 << NOISE_BITS);
  for (let i = 0; i < pixels.length; i++) {
    if (coloured || i % 3 === 0) at = (at + step) & mask;
    const value = (pixels[i] as number) + sigma * (noiseTable[at] as number) + 0.5;
    pixels[i] = value < 0 ? 0 : value > 255 ? 255 : value;
  }
}

function normals(): () => number {
  const random = stream('noise table');
  return () => random.normal();
}

/** One 3 x 3 binomial blur of RGB rows; edges repeat. */
export function blur(pixels: Uint8Array, size: number): Uint8Array {
  const rows = new Uint16Array(pixels.length);
  const out = new Uint8Array(pixels.length);
  const stride = size * 3;
  for (let y = 0; y < size; y++)
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x;
      const left = x < 3 ? at : at - 3;
      const right = x + 3 < stride ? at + 3 : at;
      rows[at] = (pixels[left] as number) + 2 * (pixels[at] as number) + (pixels[right] as number);
    }
  for (let y = 0; y < size; y++) {
    const above = y === 0 ? 0 : -stride;
    const below = y === size - 1 ? 0 : stride;
    for (let at = y * stride; at < (y + 1) * stride; at++)
      out[at] = ((rows[at + above] as number) + 2 * (rows[at] as number) + (rows[at + below] as number) + 8) >> 4;
  }
  return out;
}

/** Fills a random rectangle of at most `share` of the picture with one colour or with noise, in place. */
export function erase(random: Random, pixels: Uint8Array, size: number, share: number): void {
  const area = share * size * size * random.uniform();
  const aspect = 2 ** (2 * random.uniform() - 1);
  const width = Math.min(size, Math.round(Math.sqrt(area * aspect)));
  const height = Math.min(size, Math.round(Math.sqrt(area / aspect)));
  const left = random.int(size - width + 1);
  const top = random.int(size - height + 1);
  const fill = [random.int(256), random.int(256), random.int(256)];
  const noisy = random.chance(0.3);
  for (let y = top; y < top + height; y++)
    for (let i = (y * size + left) * 3, end = i + width * 3; i < end; i++)
      pixels[i] = noisy ? random.int(256) : (fill[i % 3] as number);
}

/** Writes and reads the pixels as a JPEG of that quality. */
export function throughJpeg(pixels: Uint8Array, size: number, quality: number): Uint8Array {
  const file = turbo.compressSync(Buffer.from(pixels.buffer, pixels.byteOffset, pixels.length), {
    format: turbo.FORMAT_RGB,
    width: size,
    height: size,
    subsampling: turbo.SAMP_420,
    quality,
  });
  const { data } = turbo.decompressSync(file, { format: turbo.FORMAT_RGB });
  return new Uint8Array(data.buffer, data.byteOffset, data.length);
}

/** Replaces every pixel by its luma (ITU-R BT.601), in place. */
export function toGrey(pixels: Uint8Array): void {
  for (let i = 0; i < pixels.length; i += 3) {
    const luma = (77 * (pixels[i] as number) + 150 * (pixels[i + 1] as number) + 29 * (pixels[i + 2] as number)) >> 8;
    pixels[i] = luma;
    pixels[i + 1] = luma;
    pixels[i + 2] = luma;
  }
}

/** Blur and noise of a camera, each by its chance; the pixels themselves may be changed. */
export function blurAndNoise(
  random: Random,
  pixels: Uint8Array,
  size: number,
  config: Pick<FaceAugmentConfig, 'blur' | 'noise' | 'noiseLevel'>,
): Uint8Array {
  const seen = random.chance(config.blur) ? blur(pixels, size) : pixels;
  if (random.chance(config.noise)) addNoise(random, seen, config.noiseLevel * random.uniform(), random.chance(0.5));
  return seen;
}

/** One more trip through JPEG, by its chance. */
export function recompress(
  random: Random,
  pixels: Uint8Array,
  size: number,
  config: Pick<FaceAugmentConfig, 'jpeg' | 'jpegQuality'>,
): Uint8Array {
  if (!random.chance(config.jpeg)) return pixels;
  const [low, high] = config.jpegQuality;
  return throughJpeg(pixels, size, Math.round(low + (high - low) * random.uniform()));
}
