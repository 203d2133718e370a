const ORIENTATION_TAG = 0x0112;

/** Orientation 1 to 8 in an APP1 payload, undefined when it is not Exif or says nothing usable; never throws. */
export function exifOrientation(payload: Uint8Array): number | undefined {
  const tiff = payload.subarray(6);
  if (String.fromCharCode(...payload.subarray(0, 4)) !== 'Exif' || tiff.length < 14) return undefined;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const order = view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return undefined;
  const little = order === 0x4949;
  const directory = view.getUint32(4, little);
  if (directory + 2 > tiff.length) return undefined;
  const entries = view.getUint16(directory, little);
  for (let i = 0; i < entries; i++) {
    const at = directory + 2 + i * 12;
    if (at + 12 > tiff.length) return undefined;
    if (view.getUint16(at, little) !== ORIENTATION_TAG) continue;
    const value = view.getUint16(at + 8, little);
    return value >= 1 && value <= 8 ? value : undefined;
  }
  return undefined;
}
