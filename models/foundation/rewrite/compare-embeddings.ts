import { cosine } from '../../cosine.ts';

export interface EmbeddingAgreement {
  /** Cosine of an image's embedding with the original's of the same image, over the images. */
  readonly min: number;
  readonly mean: number;
  /** Mean cosine of the original's embeddings of different images: what agreement has to be told apart from. */
  readonly between: number;
}

/** Compares two sets of embeddings [count, d] of the same images. */
export function compareEmbeddings(original: Float32Array, other: Float32Array, count: number): EmbeddingAgreement {
  const d = original.length / count;
  const row = (of: Float32Array, i: number): Float32Array => of.subarray(i * d, (i + 1) * d);
  const same = Array.from({ length: count }, (_, i) => cosine(row(original, i), row(other, i)));
  let sum = 0;
  let pairs = 0;
  for (let i = 0; i < count; i++)
    for (let j = 0; j < i; j++) {
      sum += cosine(row(original, i), row(original, j));
      pairs++;
    }
  return {
    min: Math.min(...same),
    mean: same.reduce((a, b) => a + b, 0) / count,
    between: pairs === 0 ? 1 : sum / pairs,
  };
}
