import { corrupt } from './corrupt.ts';
import type { ImageHeader } from './image-header.ts';

/** The first chunk tells the canvas: `VP8 ` (lossy), `VP8L` (lossless) or `VP8X` (extended); `bytes` starts with RIFF. */
export function readWebpHeader(bytes: Uint8Array): ImageHeader {
  if (bytes.length < 30) throw corrupt('its WebP header is cut off');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunk = String.fromCharCode(...bytes.subarray(12, 16));
  if (chunk === 'VP8 ') return webp(view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff);
  if (chunk === 'VP8L') {
    const bits = view.getUint32(21, true);
    return webp((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
  }
  if (chunk === 'VP8X') return webp(uint24(view, 24) + 1, uint24(view, 27) + 1);
  throw corrupt('its first WebP chunk is unknown');
}

function uint24(view: DataView, at: number): number {
  return view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
}

function webp(width: number, height: number): ImageHeader {
  return { format: 'webp', scales: false, width, height, components: 0, orientation: 1 };
}
