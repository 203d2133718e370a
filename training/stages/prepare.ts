import { join } from 'node:path';
import type { Manifest } from '../../models/bundle/manifest.ts';
import { loadTokenizer, type TextTokenizer } from '../../models/encoders/tokenizer.ts';
import { lazily } from '../lazily.ts';
import { openDataset, type Dataset } from '../datasets/open-dataset.ts';
import type { OnBad } from '../datasets/sink.ts';
import { readableImages } from '../embeddings/readable-images.ts';
import type { Picture } from '../augment/picture.ts';
import { countBackgrounds, readBackgrounds } from '../pools/background-pool.ts';
import {
  drawFaces,
  labelledFaces,
  labelsOfDrawn,
  readFaces,
  type Face,
  type LabelledFace,
} from '../pools/face-pool.ts';
import { pairUtterances, readPairs, type PairSample } from '../pools/pair-pool.ts';
import { readUtterances, type Utterance } from '../pools/text-pool.ts';
import type { Recipe } from '../recipes/recipe.ts';
import { keptTokenizer } from './kept-tokenizer.ts';

const TRAIN = 'train';
const VALIDATION = 'val';
/** Name of the synthetic faces among the data. */
export const DRAWN_FACES = 'drawn faces';

/** What the stages train on and are validated on. */
export interface Prepared {
  /** Of the training faces what is known without their pictures. */
  readonly faces: readonly LabelledFace[];
  /** The training faces, in the same order. */
  readonly shown: () => Promise<readonly Face[]>;
  readonly utterances: readonly Utterance[];
  readonly validationFaces: readonly Face[];
  readonly validationUtterances: readonly Utterance[];
  /** Real pairs for the heads to train on. */
  readonly pairs: readonly PairSample[];
  /** Pictures to stand behind faces. */
  readonly backgrounds: { readonly n: number; readonly pictures: () => Promise<readonly Picture[]> };
  readonly tokenizer: TextTokenizer;
  readonly tokenizerJson: string;
  /** Names, splits and sizes, as the manifest lists them. */
  readonly data: readonly Manifest['data'][number][];
}

export interface PrepareOptions {
  readonly onStage?: ((what: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Is told of rows and images that are left out; without it the first that is bad ends the run. */
  readonly onBad?: OnBad | undefined;
  /** A tokenizer to take in place of one trained on the texts. */
  readonly tokenizerJson?: string | undefined;
  /**
   * Decodes the training pictures, and draws faces, when they are asked for: a run that has finished training asks for none. With
   * `onBad` they are decoded at once all the same, since which of them are left out decides what there is.
   */
  readonly picturesLater?: boolean | undefined;
}

/**
 * Reads the recipe's data sets from `directory`, draws the synthetic faces and trains the tokenizer on the training
 * texts, or reads the one that an earlier run made of them and left in `out`.
 *
 * @throws UndertoneError `data_*`, `tokenizer_size`, `checkpoint_unwritable`; with `onBad` what is bad is left out; the
 * signal's reason
 */
export async function prepare(
  recipe: Recipe,
  directory: string,
  out: string,
  options: PrepareOptions = {},
): Promise<Prepared> {
  const faces: LabelledFace[] = [];
  const shown: (() => Promise<readonly Face[]>)[] = [];
  const validationFaces: Face[] = [];
  const utterances: Utterance[] = [];
  const validationUtterances: Utterance[] = [];
  const data: Prepared['data'][number][] = [];
  const { onBad, signal } = options;
  const known = new Map<string, Dataset>();
  const opened = async (name: string): Promise<Dataset> => {
    options.onStage?.(`reading ${name}`);
    const dataset = known.get(name) ?? (await openDataset(name, directory, { skipBad: onBad !== undefined, onBad }));
    known.set(name, dataset);
    return dataset;
  };
  const minSide = recipe.image.size;
  const later = options.picturesLater === true && onBad === undefined;
  for (const { dataset: name, weight } of recipe.faces) {
    const dataset = await opened(name);
    const read = lazily(() => readFaces(dataset, TRAIN, { weight, minSide, onBad, signal }));
    const own = later ? labelledFaces(dataset, TRAIN, weight) : await read();
    faces.push(...own);
    shown.push(read);
    validationFaces.push(...(await readFaces(dataset, VALIDATION, { weight, minSide, onBad, signal })));
    data.push({ name, split: TRAIN, n: own.length, licence: dataset.info.licence });
  }
  for (const { dataset: name, ...entry } of recipe.texts) {
    const dataset = await opened(name);
    const read = (split: string): Utterance[] => readUtterances(dataset, split, entry);
    const own = read(TRAIN);
    utterances.push(...own);
    validationUtterances.push(...read(VALIDATION));
    data.push({ name, split: TRAIN, n: own.length, licence: dataset.info.licence });
  }
  const pairs: PairSample[] = [];
  const spoken: Utterance[] = [];
  if (recipe.pairs !== undefined) {
    const dataset = await opened(recipe.pairs.dataset);
    pairs.push(...(await readableImages(readPairs(dataset, TRAIN), onBad, signal)));
    data.push({ name: pairsName(recipe.pairs), split: TRAIN, n: pairs.length, licence: dataset.info.licence });
    const { texts } = recipe.pairs;
    if (texts !== undefined) {
      spoken.push(...pairUtterances(pairs, texts));
      validationUtterances.push(...pairUtterances(readPairs(dataset, VALIDATION), texts));
      data.push({ name: dataset.info.name, split: TRAIN, n: pairs.length, licence: dataset.info.licence });
    }
  }
  let backgrounds: Prepared['backgrounds'] = { n: 0, pictures: () => Promise.resolve([]) };
  if (recipe.finder?.backgrounds !== undefined) {
    const { dataset: name, n: most } = recipe.finder.backgrounds;
    const dataset = await opened(name);
    const pictures = lazily(() => readBackgrounds(dataset, TRAIN, most, onBad, signal));
    backgrounds = { n: later ? countBackgrounds(dataset, TRAIN, most) : (await pictures()).length, pictures };
    data.push({
      name: `${name} (backgrounds)`,
      split: TRAIN,
      n: backgrounds.n,
      licence: dataset.info.licence,
    });
  }
  const { n, weight } = recipe.syntheticFaces;
  const draw = lazily(() => {
    options.onStage?.(`drawing ${n} faces`);
    return drawFaces(n, { weight, size: 2 * minSide, signal });
  });
  faces.push(...(later ? labelsOfDrawn(n, weight) : await draw()));
  shown.push(draw);
  data.push({ name: DRAWN_FACES, split: TRAIN, n, licence: 'Apache-2.0' });
  const tokenizerJson = options.tokenizerJson ?? (await tokenizerOf(utterances, recipe, out, options));
  const tokenizer = loadTokenizer(JSON.parse(tokenizerJson));
  return {
    faces,
    shown: lazily(async () => {
      const read: Face[] = [];
      for (const part of shown) read.push(...(await part()));
      return read;
    }),
    utterances: [...utterances, ...spoken],
    validationFaces,
    validationUtterances,
    pairs,
    backgrounds,
    tokenizer,
    tokenizerJson,
    data,
  };
}

async function tokenizerOf(
  utterances: readonly Utterance[],
  { vocabulary }: Recipe,
  out: string,
  { onStage }: PrepareOptions,
): Promise<string> {
  onStage?.('training the tokenizer');
  const texts = utterances.map(({ text }) => text);
  return keptTokenizer(join(out, 'tokenizer.json'), texts, vocabulary);
}

/** Name of a data set among the data where the heads alone saw its pairs. */
export function pairsName({ dataset }: NonNullable<Recipe['pairs']>): string {
  return `${dataset} (pairs, heads alone)`;
}
