import { MAX_SENT_MS } from './primitives.ts';

/**
 * Binary messages: a 16-byte little-endian header, then one image file.
 *
 * | offset | field | type |
 * |---|---|---|
 * | 0 | version, 1 | u8 |
 * | 1 | kind, 1 is a video frame | u8 |
 * | 2 | flags, 0 | u16 |
 * | 4 | seq | u32 |
 * | 8 | pts_ms | f64 |
 */
export const FRAME_HEADER_BYTES = 16;
const VERSION = 1;
const KIND_VIDEO = 1;

export interface BinaryFrame {
  readonly seq: number;
  readonly ptsMs: number;
  /** A JPEG, WebP or PNG file; a view on the message. */
  readonly image: Uint8Array;
}

/** Writes the header and the image into one message. `ptsMs` is a whole number of milliseconds. */
export function encodeFrame(frame: BinaryFrame): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(FRAME_HEADER_BYTES + frame.image.byteLength);
  const view = new DataView(message.buffer);
  view.setUint8(0, VERSION);
  view.setUint8(1, KIND_VIDEO);
  view.setUint16(2, 0, true);
  view.setUint32(4, frame.seq, true);
  view.setFloat64(8, frame.ptsMs, true);
  message.set(frame.image, FRAME_HEADER_BYTES);
  return message;
}

/** Reads a binary message without copying the image; a string says what is wrong with it. */
export function decodeFrame(message: Uint8Array): BinaryFrame | string {
  if (message.byteLength <= FRAME_HEADER_BYTES)
    return 'a binary message is a 16-byte header and an image; send JSON as text';
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  if (view.getUint8(0) !== VERSION)
    return `frame version ${view.getUint8(0)} is not ${VERSION}; write the 16-byte header before the image`;
  if (view.getUint8(1) !== KIND_VIDEO) return `frame kind ${view.getUint8(1)} is not known; send ${KIND_VIDEO}`;
  if (view.getUint16(2, true) !== 0) return 'frame flags must be 0';
  const ptsMs = view.getFloat64(8, true);
  if (!Number.isInteger(ptsMs) || ptsMs < 0 || ptsMs > MAX_SENT_MS)
    return 'frame pts_ms must be a whole number of milliseconds, from 0 to 2^52';
  return { seq: view.getUint32(4, true), ptsMs, image: message.subarray(FRAME_HEADER_BYTES) };
}
