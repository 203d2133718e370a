import type { ImagePreprocessing } from '../../bundle/manifest.ts';
import { UndertoneError } from '../../errors.ts';
import type { ImageInput } from '../../model.ts';
import { corrupt } from './corrupt.ts';
import { decodeJpeg } from './decode-jpeg.ts';
import { decodeSharp } from './decode-sharp.ts';
import { type RgbImage, fitImage } from './fit-image.ts';
import { type ImageHeader, readImageHeader } from './image-header.ts';
import { orientSquare } from './orient-square.ts';
import { scaleAndCrop } from './scale-and-crop.ts';

/** Largest image that is decoded. */
export interface ImageLimits {
  readonly maxWidth: number;
  readonly maxHeight: number;
}

export const IMAGE_LIMITS: ImageLimits = { maxWidth: 4096, maxHeight: 2160 };

/** From this many pixels on, libvips' scaled decoding beats decoding all of a JPEG. */
const SHRINK_FROM_PIXELS = 1280 * 720;

/**
 * Makes an image the encoder's input: uint8 RGB, rows from the top, `size * size * 3` bytes, by the manifest's fit and
 * filter. Live, replay and training all come through here.
 *
 * Format and dimensions are read from the header before anything is decoded; a picture held sideways (Exif) is turned
 * upright. JPEG up to 720p decodes on the calling thread; WebP, PNG,
 * CMYK and larger JPEG, and all JPEG for published models, in libvips, on a thread of the libuv pool.
 *
 * @throws UndertoneError `image_format`, `image_too_large`, `image_corrupt`; nothing else, for any bytes.
 */
export async function toPixels(
  input: ImageInput,
  preprocessing: ImagePreprocessing,
  limits: ImageLimits = IMAGE_LIMITS,
): Promise<Uint8Array> {
  if (input.kind === 'rgb') {
    checkSize(input.width, input.height, limits);
    if (input.data.length !== input.width * input.height * 3) throw corrupt('its RGB rows are not width * height * 3');
    return fitted(input, preprocessing);
  }
  const header = readImageHeader(input.bytes);
  checkSize(header.width, header.height, limits);
  const shrink = header.format === 'jpeg' ? jpegShrink(header, preprocessing) : 1;
  // libjpeg-turbo is called with its fast, less exact transform; what was published was made with the exact one.
  const fast = (header.components === 1 || header.components === 3) && shrink === 1 && !isPublished(preprocessing);
  // decodeJpeg's pixels are used up before anything else runs: no await in between.
  if (fast)
    return orientSquare(fitted(decodeJpeg(input.bytes, header), preprocessing), preprocessing.size, header.orientation);
  const image = await decodeSharp(input.bytes, header, shrink);
  return orientSquare(fitted(image, preprocessing), preprocessing.size, header.orientation);
}

function fitted(image: RgbImage, preprocessing: ImagePreprocessing): Uint8Array {
  const { size, resize = size } = preprocessing;
  if (image.width === size && image.height === size && resize === size) return image.data.slice();
  return isPublished(preprocessing) ? scaleAndCrop(image, preprocessing) : fitImage(image, preprocessing);
}

/** Whether pixels must be those that the model's authors would make, to the level. */
function isPublished({ fit, resize }: ImagePreprocessing): boolean {
  return fit === 'stretch' || resize !== undefined;
}

/** Keeps at least twice the output's side, so that the configured filter still decides how the result looks. */
function jpegShrink({ width, height }: ImageHeader, { size, resize = size }: ImagePreprocessing): number {
  if (width * height < SHRINK_FROM_PIXELS) return 1;
  return [8, 4, 2].find((factor) => Math.min(width, height) / factor >= 2 * resize) ?? 1;
}

function checkSize(width: number, height: number, { maxWidth, maxHeight }: ImageLimits): void {
  if (!Number.isSafeInteger(width) || !Number.isSafeInteger(height) || width < 1 || height < 1)
    throw corrupt(`it is ${width} x ${height} pixels`);
  if (width > maxWidth || height > maxHeight)
    throw new UndertoneError(
      'image_too_large',
      `the image is ${width} x ${height} pixels, the limit is ${maxWidth} x ${maxHeight}; send a smaller one`,
    );
}
