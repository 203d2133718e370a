import { random } from '../../models/random.ts';
import type { EmbeddingPairs } from './pairs.ts';

export interface Fold {
  readonly train: EmbeddingPairs;
  readonly test: EmbeddingPairs;
}

/** Pairs in `count` parts, each held out once; which image is in which part follows from the keys. */
export function foldsOf(pairs: EmbeddingPairs, count: number, ...keys: readonly (string | number)[]): Fold[] {
  const order = random(...keys).shuffle(pairs.images.map((_, i) => i));
  return Array.from({ length: count }, (_, fold) => ({
    train: subset(
      pairs,
      order.filter((__, i) => i % count !== fold),
    ),
    test: subset(
      pairs,
      order.filter((__, i) => i % count === fold),
    ),
  }));
}

function subset({ dimension, images, captions }: EmbeddingPairs, at: readonly number[]): EmbeddingPairs {
  return {
    dimension,
    images: at.map((i) => images[i] as Float32Array),
    captions: at.map((i) => captions[i] as readonly Float32Array[]),
  };
}
