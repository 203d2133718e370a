import type { Manifest } from '../../models/bundle/manifest.ts';
import { concatenate } from '../../models/runtime/concatenate.ts';
import type { LocalModel } from '../../models/runtime/load-local-model.ts';
import { openDataset } from '../datasets/open-dataset.ts';
import type { Sample } from '../datasets/sample.ts';
import type { OnBad } from '../datasets/sink.ts';
import { encodeImages, encodeTexts, type EncodeOptions } from '../embeddings/encode-samples.ts';
import { readableImages } from '../embeddings/readable-images.ts';
import type { Face } from '../pools/face-pool.ts';
import { evenly } from '../pools/evenly.ts';
import { readPairs, type PairSample } from '../pools/pair-pool.ts';
import { readUtterances, type Utterance } from '../pools/text-pool.ts';
import type { Recipe } from '../recipes/recipe.ts';
import type { Embeddings } from '../stages/embed-stage.ts';
import { pairsName } from '../stages/prepare.ts';

/** Faces and utterances of a split with a foundation model's embeddings. */
export interface EncodedPool {
  readonly faces: readonly Pick<Face, 'emotion' | 'weight'>[];
  readonly utterances: readonly Utterance[];
  readonly shown: Embeddings;
  readonly said: Embeddings;
  /** To train on, not encoded. */
  readonly pairs: readonly PairSample[];
  /** Sets, as the manifest lists them. */
  readonly data: readonly Manifest['data'][number][];
}

export interface EncodePoolOptions {
  readonly model: LocalModel;
  readonly recipe: Recipe;
  readonly data: string;
  readonly split: 'train' | 'val';
  /** Folder of the embeddings, which are kept part by part, so that encoding goes on where it stopped. */
  readonly cache: string;
  /** Most items of each data set, spread evenly over it. */
  readonly limit: number;
  readonly skipBad: boolean;
  /** With `skipBad`: is told of rows and images that are left out, of rows with the training split. */
  readonly onBad?: OnBad | undefined;
  readonly onProgress?: (what: string, done: number, total: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Items that are kept together. */
const PART = 1024;

/**
 * Reads the recipe's faces and utterances, encodes them once, and reads the pairs to train on.
 *
 * @throws UndertoneError `data_*`; the signal's reason
 */
export async function encodePool(options: EncodePoolOptions): Promise<EncodedPool> {
  const { model, recipe, data: folder, split, limit, skipBad } = options;
  const onBad = skipBad ? (options.onBad ?? (() => {})) : undefined;
  const reading = { skipBad, onBad: split === 'train' ? onBad : undefined };
  const faces: EncodedPool['faces'][number][] = [];
  const utterances: Utterance[] = [];
  const data: EncodedPool['data'][number][] = [];
  const shown: Float32Array[] = [];
  const said: Float32Array[] = [];
  for (const { dataset: name, weight } of recipe.faces) {
    const dataset = await openDataset(name, folder, reading);
    const labelled = dataset
      .samples(split)
      .filter(({ emotion, image }) => emotion !== undefined && image !== undefined);
    const own = await readableImages(evenly(labelled, limit), onBad, options.signal);
    faces.push(...own.map(({ emotion }) => ({ emotion: emotion ?? 'neutral', weight })));
    shown.push(...(await parts(options, name, own, (part, encoding) => encodeImages(part, encoding))));
    data.push({ name, split, n: own.length, licence: dataset.info.licence });
  }
  for (const { dataset: name, weight, scores } of recipe.texts) {
    const dataset = await openDataset(name, folder, reading);
    const own = evenly(readUtterances(dataset, split, { weight, scores }), limit);
    utterances.push(...own);
    const texts = own.map(({ text }) => text);
    said.push(...(await parts(options, name, texts, (part, encoding) => encodeTexts(part, encoding))));
    data.push({ name, split, n: own.length, licence: dataset.info.licence });
  }
  const pairs: PairSample[] = [];
  if (recipe.pairs !== undefined && split === 'train') {
    const dataset = await openDataset(recipe.pairs.dataset, folder, reading);
    pairs.push(...(await readableImages(evenly(readPairs(dataset, split), limit), onBad, options.signal)));
    data.push({ name: pairsName(recipe.pairs), split, n: pairs.length, licence: dataset.info.licence });
  }
  const { dimension } = model.info;
  return {
    faces,
    utterances,
    pairs,
    shown: { rows: concatenate(shown), dimension, variants: 1 },
    said: { rows: concatenate(said), dimension, variants: 1 },
    data,
  };
}

async function parts<T extends Sample | string>(
  { model, split, cache, onProgress, signal }: EncodePoolOptions,
  name: string,
  items: readonly T[],
  encode: (part: readonly T[], encoding: EncodeOptions) => Promise<Float32Array>,
): Promise<Float32Array[]> {
  const rows: Float32Array[] = [];
  for (let start = 0; start < items.length; start += PART) {
    const part = items.slice(start, start + PART);
    rows.push(await encode(part, { model, cache, name: `${name}-${split}-${start / PART}`, signal }));
    onProgress?.(name, start + part.length, items.length);
  }
  return rows;
}
