import { SENTIMENTS } from '../../../models/model.ts';
import { hasRow } from '../../../models/runtime/has-row.ts';
import { EMOTIONS } from '../../datasets/emotions.ts';
import { openDataset } from '../../datasets/open-dataset.ts';
import type { Sample } from '../../datasets/sample.ts';
import { tweetKey } from '../../datasets/tweet-key.ts';
import { encodeImages, encodeTexts } from '../../embeddings/encode-samples.ts';
import { fingerprintOf } from '../../embeddings/cached-rows.ts';
import { readableImages } from '../../embeddings/readable-images.ts';
import { readPairs } from '../../pools/pair-pool.ts';
import { clipName, readTrainedClips } from '../../prepared/trained-clips.ts';
import { emptyTable, isObserved, takeRows } from '../clip-table.ts';
import type { SweepSet } from '../sweep-set.ts';
import { tableFingerprint } from '../table-fingerprint.ts';
import { adaptedNotes } from './adapted-notes.ts';
import { groupedFolds } from './grouped-folds.ts';
import { observedNotes } from './observed-notes.ts';
import type { SetOptions } from './set-options.ts';

const FOLDS = 5;

/**
 * MVSA-Single: pairs of an image and a text with their joint label, in five folds; a tweet and its retweets are never
 * cut, and each seed shuffles the tweets anew. Pairs that the encoders were trained on are never tested: then there is one
 * fold, whatever the seed, those to train on and the others to test on. A pair is a clip of one frame, or of none where no
 * face is seen in its picture; one without a text, too, is left out.
 *
 * @throws UndertoneError `data_*`
 */
export async function mvsaSet(options: SetOptions): Promise<SweepSet> {
  const { model, data, cache, skipBad, onBad = () => {}, encodersSaw } = options;
  const { sha256, dimension } = model.info;
  const dataset = await openDataset('mvsa', data, { skipBad, onBad });
  const labelled = Object.keys(dataset.info.splits)
    .flatMap((split) => dataset.samples(split))
    .filter(({ sentiment, image }) => sentiment !== undefined && image !== undefined);
  const readable = await readableImages(labelled, skipBad ? onBad : undefined);
  const encoding = { model, cache, name: 'mvsa', onProgress: options.onProgress, signal: options.signal };
  const texts = readable.map(({ text = '' }) => text);
  const all = { ...emptyTable(readable.length, 1, dimension), texts, groups: readable.map(keyOf) };
  all.video.set(await encodeImages(readable, { ...encoding, name: 'mvsa-faces', withoutFace: 'zeros' }));
  all.text.set(await encodeTexts(texts, encoding));
  for (const [i, { sentiment }] of readable.entries()) {
    all.videoMask[i] = Number(hasRow(all.video, i, dimension));
    all.textMask[i] = texts[i] === '' ? 0 : 1;
    all.sentiment[i] = SENTIMENTS.findIndex((name) => name === sentiment);
  }
  const rows = [...readable.keys()];
  const observed = rows.filter((i) => isObserved(all, i));
  const samples = observed.map((i) => readable[i] as Sample);
  const table = takeRows(all, observed);
  const keys = samples.map(keyOf);
  const seen = encodersSaw?.includes('mvsa') === true ? new Set(readPairs(dataset, 'train').map(keyOf)) : undefined;
  const before = await readTrainedClips(model.dir);
  const tested = [...keys.keys()].filter((i) => seen?.has(keys[i] ?? '') !== true);
  const known = tested.filter((i) => before.has(clipName('mvsa', samples[i]))).length;
  const foldsOf = (seed: number): Int8Array =>
    seen === undefined ? groupedFolds(keys, FOLDS, seed) : Int8Array.from(keys, (key) => Number(seen.has(key)));
  return {
    name: 'mvsa',
    title: `MVSA-Single: ${samples.length} pairs with a joint label, ${seen === undefined ? 'five folds' : 'in one split'}`,
    levels: ['sample'],
    emotions: EMOTIONS,
    measures: [
      { name: 'sentiment_accuracy', better: 'higher' },
      { name: 'sentiment_weighted_f1', better: 'higher' },
    ],
    tested: { clips: tested.length, counted: tested.length },
    fingerprint: fingerprintOf({
      bundle: sha256,
      items: [tableFingerprint(table), ...keys, String(seen !== undefined)],
    }),
    notes: [
      ...notesOf(options, { rows: dataset.bad.length, images: labelled.length - readable.length }),
      ...observedNotes(all, rows),
      ...adaptedNotes(model, known, tested.length),
    ],
    anySlots: false,
    folds: (seed) => {
      const foldOf = foldsOf(seed);
      const kept = [...foldOf.keys()];
      return Array.from({ length: seen === undefined ? FOLDS : 1 }, (_, fold) => ({
        train: takeRows(
          table,
          kept.filter((i) => foldOf[i] !== fold),
        ),
        test: takeRows(
          table,
          kept.filter((i) => foldOf[i] === fold),
        ),
      }));
    },
  };
}

/** The same for a tweet and its retweets. */
function keyOf({ id, text = '' }: Pick<Sample, 'id' | 'text'>): string {
  return tweetKey(text) || id;
}

function notesOf({ encodersSaw }: SetOptions, bad: { readonly rows: number; readonly images: number }): string[] {
  const notes = ['a pair has one frame, so holding the last one is filling with zeros: see zero-dropout'];
  if (encodersSaw?.includes('mvsa') !== true)
    notes.push(
      "learning rates, and the shape of the transformer, were chosen on pairs of one fold's training part, which other folds test, too",
    );
  if (encodersSaw === undefined)
    notes.push(
      'the bundle, which an earlier version tuned, does not tell what its encoders were trained on: if pairs of this set were, they are tested, too',
    );
  if (encodersSaw?.includes('mvsa') === true)
    notes.push(
      'the encoders were trained on pairs of this set: the heads train on these alone, and are tested on the others',
    );
  if (bad.rows > 0) notes.push(`left out, since their rows are bad: ${bad.rows} pairs`);
  if (bad.images > 0) notes.push(`left out, since their images cannot be read: ${bad.images} pairs`);
  return notes;
}
