import turbo from '@julusian/jpeg-turbo';
import { corrupt } from './corrupt.ts';
import type { RgbImage } from './fit-image.ts';
import type { ImageHeader } from './image-header.ts';

let scratch = Buffer.alloc(640 * 480 * 3);

/**
 * Decodes a grey or colour JPEG with libjpeg-turbo on this thread.
 *
 * The pixels lie in a buffer that the next call overwrites. It is as large as the header promised, so a file whose
 * frame differs from its header is refused instead of allocated. Warnings of the decoder (truncated or broken data)
 * are errors.
 */
export function decodeJpeg(bytes: Uint8Array, header: ImageHeader): RgbImage {
  const size = header.width * header.height * 3;
  if (scratch.length < size) scratch = Buffer.alloc(size);
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const image = turbo.decompressSync(source, scratch.subarray(0, size), { format: turbo.FORMAT_RGB });
    if (image.width === header.width && image.height === header.height)
      return { width: image.width, height: image.height, data: image.data };
  } catch (error) {
    throw corrupt('its JPEG data does not decode', error);
  }
  throw corrupt('its JPEG frame differs from its header');
}
