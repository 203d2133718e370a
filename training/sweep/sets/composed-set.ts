import { hasCode } from '../../../models/errors.ts';
import { SENTIMENTS } from '../../../models/model.ts';
import { random } from '../../../models/random.ts';
import { EMOTIONS } from '../../datasets/emotions.ts';
import { openDataset, type Dataset } from '../../datasets/open-dataset.ts';
import type { Sample } from '../../datasets/sample.ts';
import { encodeImages, encodeTexts, imageNames } from '../../embeddings/encode-samples.ts';
import { fingerprintOf } from '../../embeddings/cached-rows.ts';
import { readableImages } from '../../embeddings/readable-images.ts';
import { clipSource, type LabelledClip } from '../../pools/clip-set.ts';
import { readUtterances, type Utterance } from '../../pools/text-pool.ts';
import { emptyTable, type ClipTable } from '../clip-table.ts';
import type { SweepSet } from '../sweep-set.ts';
import type { SetOptions } from './set-options.ts';

interface Pool {
  readonly draw: (slots: number) => ReturnType<typeof clipSource>;
  readonly faces: Float32Array;
  readonly texts: Float32Array;
}

/**
 * Clips composed of FER2013 faces and the recipe's utterances, as many as asked for: training clips of the training
 * splits, other ones for each seed; test clips of the validation splits, the same for every seed.
 *
 * @throws UndertoneError `data_*`
 */
export async function composedSet(options: SetOptions): Promise<SweepSet> {
  const { model, recipe, clips } = options;
  const { sha256, dimension, modalities } = model.info;
  const usual = modalities.find(({ kind }) => kind === 'image')?.slots ?? 1;
  const notes: string[] = [];
  const train = await readPool(options, 'train', notes);
  const test = await readPool(options, 'val', notes);
  const testClips = (slots: number): LabelledClip[] => drawClips(test, clips.test, slots, 'sweep test');
  const judged = testClips(usual).filter(({ sentiment }) => sentiment !== undefined);
  const { scored, composition } = recipe.clips;
  const what = [JSON.stringify({ scored, composition, clips }), train.fingerprint, test.fingerprint];
  return {
    name: 'composed',
    title: `composed clips: ${clips.train} to train on, ${clips.test} of the validation splits to test on`,
    levels: usual > 1 ? ['sample', 'frame'] : ['sample'],
    emotions: EMOTIONS,
    measures: [
      { name: 'sentiment_accuracy', better: 'higher' },
      { name: 'emotion_accuracy', better: 'higher' },
      { name: 'MAE', better: 'lower' },
      { name: 'Corr', better: 'higher' },
    ],
    tested: { clips: clips.test, counted: judged.length },
    fingerprint: fingerprintOf({ bundle: sha256, items: what }),
    notes,
    anySlots: true,
    folds: (seed, slots = usual) => [
      {
        train: tableOf(drawClips(train, clips.train, slots, seed, 'sweep train'), train, slots, dimension),
        test: tableOf(testClips(slots), test, slots, dimension),
      },
    ],
  };
}

async function readPool(
  { model, recipe, data, cache, skipBad, onBad = () => {}, onProgress, signal }: SetOptions,
  split: string,
  notes: string[],
): Promise<Pool & { readonly fingerprint: string }> {
  // Both splits are of the same files, whose bad rows are told of once.
  const opened = async (name: string): Promise<Dataset> => {
    const dataset = await openDataset(name, data, { skipBad, onBad: split === 'train' ? onBad : undefined });
    if (dataset.bad.length > 0 && split === 'train')
      notes.push(`left out, since they are bad: ${dataset.bad.length} rows of ${name}`);
    return dataset;
  };
  const labelled = (await opened('fer2013')).samples(split).filter(hasFace);
  const faces = await readableImages(labelled, skipBad ? onBad : undefined);
  if (faces.length < labelled.length)
    notes.push(`left out, since their images cannot be read: ${labelled.length - faces.length} faces of ${split}`);
  const utterances: Utterance[] = [];
  const missing: string[] = [];
  for (const { dataset, weight, scores } of recipe.texts) {
    try {
      utterances.push(...readUtterances(await opened(dataset), split, { weight, scores }));
    } catch (error) {
      if (!hasCode(error, 'data_not_found')) throw error;
      missing.push(dataset);
    }
  }
  if (missing.length > 0 && split === 'train')
    notes.push(`not in the data folder, so not among the utterances: ${missing.join(', ')}`);
  const texts = utterances.map(({ text }) => text);
  const encoding = { model, cache, signal, onProgress };
  const names = await imageNames(faces, signal);
  const rows = {
    faces: await encodeImages(faces, { ...encoding, name: `fer2013-${split}`, names }),
    texts: await encodeTexts(texts, { ...encoding, name: `utterances-${split}` }),
  };
  const { scored, composition } = recipe.clips;
  const weighted = faces.map(({ emotion }) => ({ emotion: emotion ?? 'neutral', weight: 1 }));
  return {
    ...rows,
    draw: (slots) => clipSource(weighted, utterances, { slots, scored, composition: { ...composition, variants: 1 } }),
    fingerprint: fingerprintOf({
      bundle: '',
      items: [
        ...faces.map(({ emotion }, i) => `${names[i]} ${emotion}`),
        ...utterances.map((each) => JSON.stringify(each)),
      ],
    }),
  };
}

function drawClips(pool: Pool, n: number, slots: number, ...keys: readonly (string | number)[]): LabelledClip[] {
  const draw = pool.draw(slots);
  return Array.from({ length: n }, (_, i) => draw(random(...keys, i)));
}

function hasFace({ emotion, image }: Sample): boolean {
  return emotion !== undefined && image !== undefined;
}

function tableOf(clips: readonly LabelledClip[], { faces, texts }: Pool, slots: number, dimension: number): ClipTable {
  const table = emptyTable(clips.length, slots, dimension);
  table.videoMask.fill(1);
  table.textMask.fill(1);
  for (const [i, clip] of clips.entries()) {
    for (const [slot, face] of clip.faces.entries())
      table.video.set(faces.subarray(face * dimension, (face + 1) * dimension), (i * slots + slot) * dimension);
    const { utterance } = clip;
    table.text.set(texts.subarray(utterance * dimension, (utterance + 1) * dimension), i * dimension);
    table.score[i] = clip.score ?? Number.NaN;
    table.sentiment[i] = SENTIMENTS.findIndex((name) => name === clip.sentiment);
    table.emotion[i] = clip.hasEmotion ? EMOTIONS.findIndex((name) => name === clip.emotion) : -1;
  }
  return table;
}
