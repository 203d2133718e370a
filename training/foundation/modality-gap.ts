import { meanOf, unit } from './pairs.ts';

/**
 * The modality gap of a foundation model (Liang et al., arXiv 2203.02053): what lies between the means of its text and
 * image embeddings. They need not be of the same scenes.
 */
export function modalityGap(texts: readonly Float32Array[], images: readonly Float32Array[]): Float32Array {
  const from = meanOf(texts);
  return meanOf(images).map((value, i) => value - (from[i] as number));
}

/** A virtual embedding without training: the other modality's embedding moved by a vector, of length 1. */
export function moveAcross(embedding: Float32Array, gap: Float32Array): Float32Array {
  return unit(embedding.map((value, i) => value + (gap[i] as number)));
}
