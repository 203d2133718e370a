import type { ImagePreprocessing } from '../../bundle/manifest.ts';
import { UndertoneError } from '../../errors.ts';
import type { ImageInput } from '../../model.ts';
import { corrupt } from './corrupt.ts';
import { decodeJpeg } from './decode-jpeg.ts';
import { decodeSharp } from './decode-sharp.ts';
import { type RgbImage, fitImage } from './fit-image.ts';
import { fitsWithin } from './fits-within.ts';
import { type ImageHeader, readImageHeader } from './image-header.ts';
import { IMAGE_LIMITS, type ImageLimits } from './image-limits.ts';
import { orientSquare } from './orient-square.ts';
import { scaleAndCrop } from './scale-and-crop.ts';

/** From this many pixels on, libvips' scaled decoding beats decoding all of a JPEG. */
const SHRINK_FROM_PIXELS = 1280 * 720;

/**
 * Makes an image the encoder's input: uint8 RGB, rows from the top, `size * size * 3` bytes, by the manifest's fit and
 * filter. Live, replay and training all come through here, or through {@link usePicture}.
 *
 * @throws UndertoneError `image_format`, `image_too_large`, `image_corrupt`; nothing else, for any bytes.
 */
export async function toPixels(
  input: ImageInput,
  preprocessing: ImagePreprocessing,
  limits: ImageLimits = IMAGE_LIMITS,
): Promise<Uint8Array> {
  const fit = (image: RgbImage, orientation: number): Uint8Array => fitPicture(image, orientation, preprocessing);
  return usePicture(input, { preprocessing, limits }, fit);
}

/** A decoded picture made the encoder's input and turned upright. */
export function fitPicture(image: RgbImage, orientation: number, preprocessing: ImagePreprocessing): Uint8Array {
  return orientSquare(fitted(image, preprocessing), preprocessing.size, orientation);
}

export interface PictureOptions {
  readonly preprocessing: ImagePreprocessing;
  readonly limits?: ImageLimits;
  /**
   * Large JPEGs are decoded smaller, but to no shorter side than this; twice the encoder's unless given, so that the
   * filter still decides how the result looks. For published models they are decoded whole.
   */
  readonly atLeast?: number;
}

/**
 * Decodes an image and hands it to `use` with its Exif orientation, 1 where it is upright. The pixels are `use`'s until it
 * returns: they may lie in a buffer that the next decoding overwrites.
 *
 * Format and dimensions are read from the header before anything is decoded. JPEG up to 720p decodes on the calling
 * thread; WebP, PNG, CMYK and larger JPEG, and all JPEG for published models, in libvips, on a thread of the libuv pool.
 *
 * @throws UndertoneError as {@link toPixels}
 */
export async function usePicture<T>(
  input: ImageInput,
  { preprocessing, limits = IMAGE_LIMITS, atLeast }: PictureOptions,
  use: (image: RgbImage, orientation: number) => T,
): Promise<T> {
  if (input.kind === 'rgb') {
    checkSize(input.width, input.height, limits);
    if (input.data.length !== input.width * input.height * 3) throw corrupt('its RGB rows are not width * height * 3');
    return use(input, 1);
  }
  const header = readImageHeader(input.bytes);
  checkSize(header.width, header.height, limits);
  // What was published was made from whole pictures, with the exact transform; libjpeg-turbo is called with its fast one.
  const exact = isPublished(preprocessing);
  const shrink = header.format === 'jpeg' && !exact ? jpegShrink(header, atLeast ?? 2 * preprocessing.size) : 1;
  const fast = (header.components === 1 || header.components === 3) && shrink === 1 && !exact;
  // decodeJpeg's pixels are used up before anything else runs: no await in between.
  if (fast) return use(decodeJpeg(input.bytes, header), header.orientation);
  return use(await decodeSharp(input.bytes, header, shrink), header.orientation);
}

function fitted(image: RgbImage, preprocessing: ImagePreprocessing): Uint8Array {
  const { size, resize = size } = preprocessing;
  if (image.width === size && image.height === size && resize === size) return new Uint8Array(image.data);
  return isPublished(preprocessing) ? scaleAndCrop(image, preprocessing) : fitImage(image, preprocessing);
}

/** Whether pixels must be those that the model's authors would make, to the level. */
function isPublished({ fit, resize }: ImagePreprocessing): boolean {
  return fit === 'stretch' || resize !== undefined;
}

function jpegShrink({ width, height }: ImageHeader, atLeast: number): number {
  if (width * height < SHRINK_FROM_PIXELS) return 1;
  return [8, 4, 2].find((factor) => Math.min(width, height) / factor >= atLeast) ?? 1;
}

/** @throws UndertoneError `image_too_large`; `image_corrupt` for a size that no image has */
export function checkSize(width: number, height: number, { maxWidth, maxHeight }: ImageLimits = IMAGE_LIMITS): void {
  if (!Number.isSafeInteger(width) || !Number.isSafeInteger(height) || width < 1 || height < 1)
    throw corrupt(`it is ${width} x ${height} pixels`);
  if (!fitsWithin(width, height, maxWidth, maxHeight))
    throw new UndertoneError(
      'image_too_large',
      `the image is ${width} x ${height} pixels, the limit is ${maxWidth} x ${maxHeight}; send a smaller one`,
    );
}
