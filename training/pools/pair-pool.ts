import type { Sentiment } from '../../models/model.ts';
import type { Dataset } from '../datasets/open-dataset.ts';
import { ownSplit } from '../datasets/own-split.ts';
import type { Sample } from '../datasets/sample.ts';
import { findSplit } from '../datasets/splits.ts';
import { tweetKey } from '../datasets/tweet-key.ts';
import type { PairsConfig } from '../recipes/recipe.ts';
import type { Utterance } from './text-pool.ts';

/** A picture and a text that were published together, with the polarity of both. */
export type PairSample = Sample & {
  readonly text: string;
  readonly image: () => Uint8Array;
  readonly sentiment: Sentiment;
};

/** What names these pairs in a fingerprint: all that is known without their pictures. */
export function labelsOfPairs(pairs: readonly PairSample[]): (readonly [id: string, text: string, Sentiment])[] {
  return pairs.map(({ id, text, sentiment }) => [id, text, sentiment]);
}

/** The texts of pairs for the text encoder to be trained on. */
export function pairUtterances(
  pairs: readonly PairSample[],
  { weight, branches }: NonNullable<PairsConfig['texts']>,
): Utterance[] {
  const unknown = { emotions: undefined, emotion: undefined, score: undefined };
  return pairs.map(({ text, sentiment }) => ({ text, weight, sentiment, branches, ...unknown }));
}

/**
 * The pairs of a data set to train on, or to validate on where it has no such split: nine tenths and a tenth of `train`
 * then, told by a hash of the text, so that what is published again stays together.
 */
export function readPairs(dataset: Dataset, use: 'train' | 'val'): PairSample[] {
  const published = findSplit('val', Object.keys(dataset.info.splits)) !== undefined;
  const samples = dataset.samples(published ? use : 'train');
  return samples.filter(
    (sample): sample is PairSample =>
      sample.text !== undefined &&
      sample.text !== '' &&
      sample.image !== undefined &&
      sample.sentiment !== undefined &&
      (published || ownSplit(tweetKey(sample.text) || sample.id) === use),
  );
}
