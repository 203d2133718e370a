import { SENTIMENTS } from '../../../models/model.ts';
import { random } from '../../../models/random.ts';
import { EMOTIONS } from '../../datasets/emotions.ts';
import { openDataset } from '../../datasets/open-dataset.ts';
import { tweetKey } from '../../datasets/tweet-key.ts';
import { encodeImages, encodeTexts } from '../../embeddings/encode-samples.ts';
import { fingerprintOf } from '../../embeddings/cached-rows.ts';
import { emptyTable, takeRows } from '../clip-table.ts';
import type { SweepSet } from '../sweep-set.ts';
import type { SetOptions } from './set-options.ts';

export const FOLDS = 5;

/**
 * MVSA-Single: pairs of an image and a text with their joint label, in five folds; a tweet and its retweets are never
 * cut, and each seed shuffles the tweets anew. A pair is a clip of one frame.
 *
 * @throws UndertoneError `data_*`
 */
export async function mvsaSet(options: SetOptions): Promise<SweepSet> {
  const { model, data, cache, skipBad } = options;
  const { sha256, dimension } = model.info;
  const dataset = await openDataset('mvsa', data, { skipBad });
  const samples = Object.keys(dataset.info.splits)
    .flatMap((split) => dataset.samples(split))
    .filter(({ sentiment, image }) => sentiment !== undefined && image !== undefined);
  const encoding = { model, cache, name: 'mvsa', onProgress: options.onProgress, signal: options.signal };
  const texts = samples.map(({ text = '' }) => text);
  const table = emptyTable(samples.length, 1, dimension);
  table.video.set(await encodeImages(samples, encoding));
  table.text.set(await encodeTexts(texts, encoding));
  table.videoMask.fill(1);
  for (const [i, { sentiment }] of samples.entries()) {
    table.textMask[i] = texts[i] === '' ? 0 : 1;
    table.sentiment[i] = SENTIMENTS.findIndex((name) => name === sentiment);
  }
  const groups = new Map<string, number[]>();
  for (const [i, { id }] of samples.entries()) {
    const key = tweetKey(texts[i] ?? '') || id;
    groups.set(key, [...(groups.get(key) ?? []), i]);
  }
  return {
    name: 'mvsa',
    title: `MVSA-Single: ${samples.length} pairs with a joint label, five folds`,
    levels: ['sample'],
    emotions: EMOTIONS,
    measures: [
      { name: 'sentiment_accuracy', better: 'higher' },
      { name: 'sentiment_weighted_f1', better: 'higher' },
    ],
    fingerprint: fingerprintOf({ bundle: sha256, items: samples.map(({ id }, i) => `${id} ${texts[i]}`) }),
    notes:
      options.encodersSaw?.includes('mvsa') === true
        ? [
            'the encoders were trained on pairs of this set, so its folds are not new to them and the numbers are too good',
          ]
        : [],
    folds: (seed) => {
      const foldOf = new Int8Array(samples.length);
      const order = random(seed, 'sweep folds').shuffle([...groups.values()]);
      for (const [place, rows] of order.entries()) for (const row of rows) foldOf[row] = place % FOLDS;
      return Array.from({ length: FOLDS }, (_, fold) => ({
        train: takeRows(
          table,
          [...foldOf.keys()].filter((i) => foldOf[i] !== fold),
        ),
        test: takeRows(
          table,
          [...foldOf.keys()].filter((i) => foldOf[i] === fold),
        ),
      }));
    },
  };
}
