import { corrupt } from './corrupt.ts';
import { exifOrientation } from './exif-orientation.ts';
import type { ImageHeader } from './image-header.ts';

/** A progressive file re-decodes the whole image per scan; encoders write about 10, this bounds the work of a hostile one. */
const MAX_SCANS = 64;

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const APP1 = 0xe1;
/** With Huffman coding, and with arithmetic coding. */
const PROGRESSIVE = new Set([0xc2, 0xca]);

/** Walks the markers up to the first frame header (ITU T.81 annex B); `bytes` starts with SOI. */
export function readJpegHeader(bytes: Uint8Array): ImageHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let orientation = 1;
  let at = 2;
  for (;;) {
    at = nextMarker(bytes, at);
    const marker = bytes[at];
    at += 1;
    if (marker === undefined || marker === SOS || marker === EOI) throw corrupt('no JPEG frame header');
    if (standsAlone(marker)) continue;
    if (at + 2 > bytes.length) throw corrupt('its JPEG header is cut off');
    const length = view.getUint16(at);
    if (length < 2 || at + length > bytes.length) throw corrupt('its JPEG header is cut off');
    if (marker === APP1) orientation = exifOrientation(bytes.subarray(at + 2, at + length)) ?? orientation;
    if (isFrameHeader(marker)) {
      if (length < 8) throw corrupt('its JPEG frame header is too short');
      const progressive = PROGRESSIVE.has(marker);
      const header: ImageHeader = {
        format: 'jpeg',
        scales: !progressive,
        height: view.getUint16(at + 3),
        width: view.getUint16(at + 5),
        components: view.getUint8(at + 7),
        orientation,
      };
      if (progressive && countScans(bytes, at + length) > MAX_SCANS) throw corrupt('too many JPEG scans');
      return header;
    }
    at += length;
  }
}

/**
 * Position of the next marker's code: fill bytes and stray data between segments are passed over, as libjpeg does. Byte by byte,
 * as a search that begins anew behind every 0xff takes many times as long for a megabyte of fill bytes.
 */
function nextMarker(bytes: Uint8Array, from: number): number {
  for (let at = from + 1; at < bytes.length; at++) {
    const code = bytes[at];
    if (bytes[at - 1] === 0xff && code !== 0xff && code !== 0x00) return at;
  }
  return bytes.length;
}

function standsAlone(marker: number): boolean {
  return marker === 0x01 || (marker >= 0xd0 && marker <= SOI);
}

/** SOF0 to SOF15 without DHT (C4), JPG (C8) and DAC (CC). */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

function countScans(bytes: Uint8Array, from: number): number {
  let scans = 0;
  for (let at = nextMarker(bytes, from); at < bytes.length && scans <= MAX_SCANS; at = nextMarker(bytes, at + 1))
    if (bytes[at] === SOS) scans += 1;
  return scans;
}
