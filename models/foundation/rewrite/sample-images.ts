import { random, type Random } from '../../random.ts';

/** Waves per picture. */
const WAVES = 32;

/**
 * Seeded pictures uint8 [count, size, size, 3] to compare encoders on where no photographs are at hand: sums of plane
 * waves whose amplitude falls with frequency, as in photographs (Field, 1987, doi 10.1364/JOSAA.4.002379), with colours
 * that agree for the most part.
 */
export function sampleImages(count: number, size: number, seed: number): Uint8Array {
  const pixels = new Uint8Array(count * size * size * 3);
  const sums = new Float32Array(size * size * 3);
  for (let image = 0; image < count; image++) {
    const draw = random(seed, 'sample image', image);
    sums.fill(0);
    for (let wave = 0; wave < WAVES; wave++) addWave(sums, size, draw);
    const light = 60 + 130 * draw.uniform();
    const contrast = 20 + 60 * draw.uniform();
    const at = image * sums.length;
    for (const [i, sum] of sums.entries())
      pixels[at + i] = Math.max(0, Math.min(255, Math.round(light + contrast * sum)));
  }
  return pixels;
}

/** Adds sin(x + y + phase) in a random direction, with a tint. */
function addWave(sums: Float32Array, size: number, draw: Random): void {
  const frequency = 2 ** (6 * draw.uniform());
  const angle = 2 * Math.PI * draw.uniform();
  const step = (2 * Math.PI * frequency) / size;
  const phase = 2 * Math.PI * draw.uniform();
  const amplitude = draw.normal() / frequency ** 0.8;
  const [red, green, blue] = [0, 1, 2].map(() => amplitude * (1 + 0.4 * draw.normal())) as [number, number, number];
  const [columns, rows] = [Math.cos(angle), Math.sin(angle)].map((share, axis) => {
    const angles = Float64Array.from({ length: size }, (_, i) => step * share * i + (axis === 0 ? 0 : phase));
    return { sin: angles.map(Math.sin), cos: angles.map(Math.cos) };
  }) as [Turns, Turns];
  let at = 0;
  for (let y = 0; y < size; y++) {
    const sinY = rows.sin[y] as number;
    const cosY = rows.cos[y] as number;
    for (let x = 0; x < size; x++, at += 3) {
      const height = (columns.sin[x] as number) * cosY + (columns.cos[x] as number) * sinY;
      sums[at] = (sums[at] as number) + red * height;
      sums[at + 1] = (sums[at + 1] as number) + green * height;
      sums[at + 2] = (sums[at + 2] as number) + blue * height;
    }
  }
}

interface Turns {
  readonly sin: Float64Array;
  readonly cos: Float64Array;
}
