import { corrupt } from './corrupt.ts';
import type { ImageHeader } from './image-header.ts';

/** IHDR must come first (PNG specification 5.6); `bytes` starts with the signature. */
export function readPngHeader(bytes: Uint8Array): ImageHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 33 || view.getUint32(12) !== 0x49484452) throw corrupt('its PNG header is cut off');
  return {
    format: 'png',
    scales: false,
    width: view.getUint32(16),
    height: view.getUint32(20),
    components: 0,
    orientation: 1,
  };
}
