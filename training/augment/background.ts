import type { Random } from '../../models/random.ts';

/** Something to stand behind a face: `size * size * 3` RGB bytes of two-colour shading, soft blobs, bars and grain. */
export function drawBackground(random: Random, size: number): Uint8Array {
  const out = new Uint8Array(size * size * 3);
  const from = colour(random);
  const towards = colour(random);
  const accent = colour(random);
  const angle = random.uniform() * 2 * Math.PI;
  const [dx, dy] = [Math.cos(angle) / size, Math.sin(angle) / size];
  const grid = valueNoise(random, 3 + random.int(6));
  const noiseWeight = random.uniform() * 0.8;
  for (let y = 0, to = 0; y < size; y++)
    for (let x = 0; x < size; x++, to += 3) {
      const shade = 0.5 + (x - size / 2) * dx + (y - size / 2) * dy;
      const blob = grid.at(x / size, y / size);
      const mix = clamp01(shade * (1 - noiseWeight) + blob * noiseWeight);
      out[to] = from[0] + (towards[0] - from[0]) * mix;
      out[to + 1] = from[1] + (towards[1] - from[1]) * mix;
      out[to + 2] = from[2] + (towards[2] - from[2]) * mix;
    }
  const bars = random.int(4);
  for (let i = 0; i < bars; i++) drawBar(random, out, size, random.chance(0.5) ? accent : colour(random));
  return out;
}

type Colour = readonly [number, number, number];

/** Rooms are mostly greyish: a grey level with some colour on it. */
function colour(random: Random): Colour {
  const level = 20 + 215 * random.uniform();
  const spread = random.chance(0.3) ? 110 : 35;
  const channel = (): number => Math.min(255, Math.max(0, level + spread * (random.uniform() - 0.5)));
  return [channel(), channel(), channel()];
}

function drawBar(random: Random, out: Uint8Array, size: number, fill: Colour): void {
  const left = random.int(size);
  const top = random.int(size);
  const right = Math.min(size, left + 1 + random.int(size));
  const bottom = random.chance(0.6) ? size : Math.min(size, top + 1 + random.int(size));
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) out.set(fill, (y * size + x) * 3);
}

/** Bilinear interpolation of a coarse grid of uniform values. */
function valueNoise(random: Random, cells: number): { at(u: number, v: number): number } {
  const side = cells + 1;
  const values = Float32Array.from({ length: side * side }, () => random.uniform());
  return {
    at: (u, v) => {
      const x = u * cells;
      const y = v * cells;
      const i = Math.floor(y) * side + Math.floor(x);
      const fx = x - Math.floor(x);
      const fy = y - Math.floor(y);
      const top = (values[i] as number) * (1 - fx) + (values[i + 1] as number) * fx;
      const bottom = (values[i + side] as number) * (1 - fx) + (values[i + side + 1] as number) * fx;
      return top * (1 - fy) + bottom * fy;
    },
  };
}

function clamp01(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}
