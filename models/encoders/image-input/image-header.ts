import { UndertoneError } from '../../errors.ts';
import { readJpegHeader } from './jpeg-header.ts';
import { readPngHeader } from './png-header.ts';
import { readWebpHeader } from './webp-header.ts';

/** What the first bytes of an image file say, before any pixel is decoded. */
export interface ImageHeader {
  readonly format: 'jpeg' | 'png' | 'webp';
  readonly width: number;
  readonly height: number;
  /** Whether it can be decoded at a fraction of its size, which saves most of the work: baseline JPEG. */
  readonly scales: boolean;
  /** JPEG only: colour components, 1 grey, 3 colour, 4 CMYK. */
  readonly components: number;
  /** JPEG only: Exif orientation 1 to 8 that is still to be applied; the other formats' decoder applies theirs. */
  readonly orientation: number;
}

/**
 * Reads format (by magic, never by name) and dimensions.
 * @throws UndertoneError `image_format` for anything but JPEG, PNG and WebP, `image_corrupt` for a header that is cut off
 * or that no decoder here takes.
 */
export function readImageHeader(bytes: Uint8Array): ImageHeader {
  if (startsWith(bytes, [0xff, 0xd8, 0xff])) return readJpegHeader(bytes);
  if (startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return readPngHeader(bytes);
  if (startsWith(bytes, [0x52, 0x49, 0x46, 0x46]) && startsWith(bytes.subarray(8), [0x57, 0x45, 0x42, 0x50]))
    return readWebpHeader(bytes);
  throw new UndertoneError('image_format', 'not an image this service takes; send JPEG, WebP or PNG');
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return bytes.length >= magic.length && magic.every((value, i) => bytes[i] === value);
}
