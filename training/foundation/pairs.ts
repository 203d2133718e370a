import type { Matrix } from '../datasets/read-npy.ts';

/** Embeddings of images and their captions by one foundation model, all of length 1. */
export interface EmbeddingPairs {
  readonly dimension: number;
  readonly images: readonly Float32Array[];
  /** The captions of each image, at least one. */
  readonly captions: readonly (readonly Float32Array[])[];
}

/** Rows of a matrix, each scaled to length 1; a row of zeros stays. */
export function unitRows({ rows, columns, data }: Matrix): Float32Array[] {
  return Array.from({ length: rows }, (_, i) => unit(data.subarray(i * columns, (i + 1) * columns)));
}

/** The vector scaled to length 1, as a copy. */
export function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(dot(vector, vector));
  return length === 0 ? vector.slice() : vector.map((value) => value / length);
}

export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** Mean of vectors of one length. */
export function meanOf(vectors: readonly Float32Array[]): Float32Array {
  const sum = new Float64Array(vectors[0]?.length ?? 0);
  for (const vector of vectors)
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (vector[i] as number);
  return Float32Array.from(sum, (value) => value / vectors.length);
}
