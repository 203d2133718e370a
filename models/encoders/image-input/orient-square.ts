/**
 * Applies an Exif orientation to `size * size * 3` RGB pixels, so that the picture stands as its camera was held.
 * On a centred square this equals orienting the whole picture first. Orientation 1 returns the pixels themselves.
 */
export function orientSquare(pixels: Uint8Array, size: number, orientation: number): Uint8Array {
  if (orientation === 1) return pixels;
  const last = size - 1;
  const out = new Uint8Array(pixels.length);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [fromX, fromY] = storedPlace(orientation, x, y, last);
      const from = (fromY * size + fromX) * 3;
      out.set(pixels.subarray(from, from + 3), (y * size + x) * 3);
    }
  }
  return out;
}

/** Where the upright square's (x, y), each from 0 to `last`, lies in the stored one (Exif 2.32, tag 0x0112). */
export function storedPlace(orientation: number, x: number, y: number, last: number): readonly [number, number] {
  switch (orientation) {
    case 2:
      return [last - x, y];
    case 3:
      return [last - x, last - y];
    case 4:
      return [x, last - y];
    case 5:
      return [y, x];
    case 6:
      return [y, last - x];
    case 7:
      return [last - y, last - x];
    case 8:
      return [last - y, x];
    default:
      return [x, y];
  }
}
