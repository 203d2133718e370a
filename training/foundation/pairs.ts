import { unitRows } from '../../models/runtime/unit-rows.ts';

/** Embeddings of images and their captions by one foundation model, all of length 1. */
export interface EmbeddingPairs {
  readonly dimension: number;
  readonly images: readonly Float32Array[];
  /** The captions of each image, at least one. */
  readonly captions: readonly (readonly Float32Array[])[];
}

/** The vector scaled to length 1, as a copy; zeros stay. */
export function unit(vector: Float32Array): Float32Array {
  return unitRows(vector, vector.length).rows;
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
