import { rowFolds } from '../pools/row-folds.ts';
import type { EmbeddingPairs } from './pairs.ts';

export interface Fold {
  readonly train: EmbeddingPairs;
  readonly test: EmbeddingPairs;
}

/** Pairs in `count` parts, each held out once; which image is in which part follows from the keys. */
export function foldsOf(pairs: EmbeddingPairs, count: number, ...keys: readonly (string | number)[]): Fold[] {
  return rowFolds(pairs.images.length, count, ...keys).map(({ train, test }) => ({
    train: subset(pairs, train),
    test: subset(pairs, test),
  }));
}

function subset({ dimension, images, captions }: EmbeddingPairs, at: readonly number[]): EmbeddingPairs {
  return {
    dimension,
    images: at.map((i) => images[i] as Float32Array),
    captions: at.map((i) => captions[i] as readonly Float32Array[]),
  };
}
