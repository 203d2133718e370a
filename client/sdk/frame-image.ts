import { FRAME_HEADER_BYTES, MAX_SENT_MS } from '../../pipeline/protocol/index.ts';
import { ClientError } from './client-error.ts';

/** A JPEG, WebP or PNG file. */
export type FrameImage = Uint8Array | ArrayBuffer | Blob;

/**
 * Refuses what the server could not take: over its limit of a message it ends the connection without a word.
 *
 * @throws {ClientError} `bad_frame` with what is wrong
 */
export function checkFrame(image: unknown, ptsMs: number, maxMessageBytes = Infinity): void {
  if (!(ptsMs >= 0 && ptsMs <= MAX_SENT_MS))
    throw new ClientError('bad_frame', `ptsMs must be a time from 0 to 2^52, in milliseconds: ${ptsMs}`);
  const bytes = imageBytes(image);
  if (bytes === 0)
    throw new ClientError('bad_frame', 'image must be a Uint8Array, an ArrayBuffer or a Blob, and not empty');
  const mostBytes = maxMessageBytes - FRAME_HEADER_BYTES;
  if (bytes > mostBytes)
    throw new ClientError('bad_frame', `image has ${bytes} bytes, and this server takes ${mostBytes} at most`);
}

/** 0 for what holds no bytes, such as pixels, text or null. */
function imageBytes(image: unknown): number {
  if (image instanceof Uint8Array || image instanceof ArrayBuffer) return image.byteLength;
  return isBlob(image) ? image.size : 0;
}

/** By what it can do: a Blob of another window is none of this one's. */
function isBlob(image: unknown): image is Blob {
  if (typeof image !== 'object' || image === null || ArrayBuffer.isView(image)) return false;
  const { size, arrayBuffer } = image as Partial<Blob>;
  return typeof size === 'number' && typeof arrayBuffer === 'function';
}
