import { inflateSync } from 'node:zlib';
import { corrupt } from './corrupt.ts';
import { readPngHeader } from './png-header.ts';

const IDAT = 0x49444154;
/** iCCP, zTXt, iTXt: compressed, and of no use here. */
const UNPACKED_FOR_NOTHING = new Set([0x69434350, 0x7a545874, 0x69545874]);
/** Samples of a pixel by PNG's colour type. */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/**
 * A PNG without its compressed texts and its colour profile, for a decoder that would unpack them, and all of its data
 * whether there are pixels for it or not: one megabyte can hold a gigabyte, seconds of work.
 *
 * @throws UndertoneError `image_corrupt` when its header is cut off, or the data unpacks to more than the pixels take
 */
export function lightPng(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data: Uint8Array[] = [];
  const kept: Uint8Array[] = [bytes.subarray(0, 8)];
  let at = 8;
  while (at + 12 <= bytes.length) {
    const [length, type] = [view.getUint32(at), view.getUint32(at + 4)];
    if (type === IDAT) data.push(bytes.subarray(at + 8, at + 8 + length));
    if (!UNPACKED_FOR_NOTHING.has(type)) kept.push(bytes.subarray(at, at + 12 + length));
    at += 12 + length;
  }
  kept.push(bytes.subarray(at));
  checkUnpacked(Buffer.concat(data), mostBytes(bytes));
  return Buffer.concat(kept);
}

/** Bytes of the rows with their filter types; those of the seven passes of an interlaced image are a little longer. */
function mostBytes(bytes: Uint8Array): number {
  const { width, height } = readPngHeader(bytes);
  const [depth = 0, colour = 0] = bytes.subarray(24);
  const bits = Math.min(depth, 16) * (SAMPLES[colour] ?? 4);
  return height * (Math.ceil((width * bits) / 8) + 5) + 64;
}

function checkUnpacked(data: Buffer, maxOutputLength: number): void {
  try {
    inflateSync(data, { maxOutputLength });
  } catch (error) {
    // What else is wrong with the data is for the decoder to find.
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE')
      throw corrupt('its PNG data is more than its pixels', error);
  }
}
