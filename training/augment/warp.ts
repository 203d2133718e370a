import { type Picture, boxReduce } from './picture.ts';

/** Where a face crop goes in the output: a centred, rotated, scaled rectangle, in shares of the output's side. */
export interface Placement {
  readonly centreX: number;
  readonly centreY: number;
  readonly width: number;
  readonly height: number;
  /** Radians, clockwise. */
  readonly angle: number;
  readonly mirrored: boolean;
}

/** Maps a source level to an output level per channel: 3 tables of 256. */
export type Levels = Uint8Array;

/** How a picture ends on a background: cut off, or softly as an ellipse-cornered rectangle or an ellipse. */
export type Edge = 'cut' | 'rectangle' | 'ellipse';

/**
 * Draws a picture into `size * size * 3` RGB bytes in one bilinear pass, levels mapped on the way.
 *
 * Without a background the picture's edge pixels continue outwards; with one, which is drawn into, the
 * picture ends there as `edge` says. Sources much larger than their placement are averaged down first.
 */
export function warp(
  source: Picture,
  placement: Placement,
  levels: Levels,
  size: number,
  background: Uint8Array | undefined,
  edge: Edge = 'rectangle',
): Uint8Array {
  const shrink = Math.round(
    Math.min(source.width / (placement.width * size), source.height / (placement.height * size)),
  );
  const picture = shrink > 1 ? boxReduce(source, shrink) : source;
  const { width, height, channels, data } = picture;
  const out = background ?? new Uint8Array(size * size * 3);
  const cos = Math.cos(placement.angle);
  const sin = Math.sin(placement.angle);
  const side = placement.mirrored ? -1 : 1;
  // Source pixels per output pixel along both axes of the rotated crop.
  const stepX = (side * width) / (placement.width * size);
  const stepY = height / (placement.height * size);
  const maxX = width - 1;
  const maxY = height - 1;
  const row = width * channels;
  for (let y = 0, to = 0; y < size; y++) {
    const offY = y + 0.5 - placement.centreY * size;
    const offX = 0.5 - placement.centreX * size;
    let sx = (offX * cos + offY * sin) * stepX + width / 2 - 0.5;
    let sy = (offY * cos - offX * sin) * stepY + height / 2 - 0.5;
    for (let x = 0; x < size; x++, to += 3, sx += cos * stepX, sy -= sin * stepY) {
      const cover = background === undefined ? 1 : coverage(sx / maxX, sy / maxY, edge);
      if (cover === 0) continue;
      const px = sx < 0 ? 0 : sx > maxX ? maxX : sx;
      const py = sy < 0 ? 0 : sy > maxY ? maxY : sy;
      const x0 = px | 0;
      const y0 = py | 0;
      const fx = px - x0;
      const fy = py - y0;
      const at = y0 * row + x0 * channels;
      const right = x0 < maxX ? channels : 0;
      const below = y0 < maxY ? row : 0;
      const w11 = fx * fy;
      const w01 = fx - w11;
      const w10 = fy - w11;
      const w00 = 1 - fx - w10;
      for (let c = 0; c < channels; c++) {
        const i = at + c;
        const value =
          (w00 * (data[i] as number) +
            w01 * (data[i + right] as number) +
            w10 * (data[i + below] as number) +
            w11 * (data[i + right + below] as number) +
            0.5) |
          0;
        for (let k = c; k < 3; k += channels) {
          const level = levels[k * 256 + value] as number;
          out[to + k] = cover === 1 ? level : level * cover + (out[to + k] as number) * (1 - cover);
        }
      }
    }
  }
  return out;
}

/** 1 well inside the unit square, 0 outside of the shape; between them soft, but for a cut. */
function coverage(u: number, v: number, edge: Edge): number {
  const x2 = (2 * u - 1) ** 2;
  const y2 = (2 * v - 1) ** 2;
  if (edge === 'cut') return x2 <= 1 && y2 <= 1 ? 1 : 0;
  const distance = edge === 'ellipse' ? x2 + y2 : x2 * x2 + y2 * y2;
  if (distance <= 0.7) return 1;
  return distance >= 1 ? 0 : (1 - distance) / 0.3;
}
