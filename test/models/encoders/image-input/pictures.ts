import sharp from 'sharp';
import type { Sharp } from 'sharp';

/** A smooth, colourful picture with a dark top-left and a red bottom-right, so that turning it shows. */
export function gradient(width: number, height: number): Buffer {
  const data = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const u = x / Math.max(1, width - 1);
      const v = y / Math.max(1, height - 1);
      data[(y * width + x) * 3] = 30 + 200 * u * v;
      data[(y * width + x) * 3 + 1] = 128 + 90 * Math.sin(9 * u + 4 * v);
      data[(y * width + x) * 3 + 2] = 40 + 150 * (1 - v);
    }
  return data;
}

export function picture(width: number, height: number): Sharp {
  return sharp(gradient(width, height), { raw: { width, height, channels: 3 } });
}

export function meanDifference(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return Infinity;
  return a.reduce((sum, value, i) => sum + Math.abs(value - (b[i] as number)), 0) / a.length;
}
