import { expect, it } from 'vitest';
import { random } from '../../../models/random.ts';
import { wordVectors } from '../../../training/teacher/word-vectors.ts';

const N = 300;
const DIMENSION = 8;

/** [N, DIMENSION], which differ in the columns 2 and 6 most, and hardly in the others. */
function rows(): Float32Array {
  const draw = random('words');
  const spread = (column: number): number => ({ 2: 3, 6: 2 })[column] ?? 0.01;
  return Float32Array.from({ length: N * DIMENSION }, (_, i) => 5 + draw.normal() * spread(i % DIMENSION));
}

it('keeps the distances between words in the directions in which they differ most', () => {
  const words = rows();
  const vectors = wordVectors(words, DIMENSION, 2);
  expect(vectors).toHaveLength(2 * N);
  const distance = (values: Float32Array, width: number, a: number, b: number): number =>
    Math.hypot(...Array.from({ length: width }, (_, k) => (values[a * width + k] ?? 0) - (values[b * width + k] ?? 0)));
  const scale = distance(vectors, 2, 0, 1) / distance(words, DIMENSION, 0, 1);
  for (let i = 2; i < N; i++) {
    const before = distance(words, DIMENSION, 0, i);
    expect(Math.abs(distance(vectors, 2, 0, i) - scale * before)).toBeLessThan(0.02 * scale * Math.max(1, before));
  }
});

it('spreads the values as a drawn table of tokens does, about zero', () => {
  const vectors = wordVectors(rows(), DIMENSION, 2);
  const mean = vectors.reduce((sum, v) => sum + v, 0) / vectors.length;
  expect(mean).toBeCloseTo(0, 5);
  expect(Math.sqrt(vectors.reduce((sum, v) => sum + v * v, 0) / vectors.length)).toBeCloseTo(0.1, 3);
});

it('refuses more values than the teacher gives', () => {
  expect(() => wordVectors(rows(), DIMENSION, 9)).toThrow(RangeError);
});
