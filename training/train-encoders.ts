import type { ParamStore } from '../models/graph/param.ts';
import { finishedParams } from './engine/checkpoint.ts';
import { fingerprint } from './fingerprint.ts';
import { lazily } from './lazily.ts';
import { labelsOfFaces } from './pools/face-pool.ts';
import type { Utterance } from './pools/text-pool.ts';
import { alignTexts, trainAlignment } from './stages/align-stage.ts';
import { embedFaces, embedUtterances, type Embeddings } from './stages/embed-stage.ts';
import type { KeptSources } from './stages/kept-params.ts';
import type { Prepared } from './stages/prepare.ts';
import type { KeptTexts } from './stages/texts-of.ts';
import { trainImages } from './train-images.ts';
import { openTeacher, trainTexts } from './train-texts.ts';
import { stageCheckpoint, trainingStage } from './training-stage.ts';
import type { TrainOptions } from './train.ts';

/** Name of the stage's checkpoint. */
const ALIGNMENT = 'alignment';

export interface TrainedEncoders {
  readonly encoders: ParamStore;
  /** The training faces and utterances, encoded when they are asked for. */
  readonly embedded: () => Promise<Embedded>;
  /** The teachers and their corpus as rows of the data, where there were any. */
  readonly teachers: Prepared['data'];
  readonly sources: KeptSources;
  /** Names everything that the encoders depend on. */
  readonly print: string;
}

export interface Embedded {
  readonly faces: Embeddings;
  readonly texts: Embeddings;
  /** The training utterances, with what the teacher makes of their scores. */
  readonly utterances: readonly Utterance[];
}

/** Image encoder, face finder, the branches of the text encoder, and the alignment of these with the first. */
export async function trainEncoders(
  options: TrainOptions,
  prepared: Prepared,
  keptTexts?: KeptTexts,
): Promise<TrainedEncoders> {
  const { recipe, threads, signal, onStage } = options;
  const { utterances, tokenizer } = prepared;
  // What it needs is not looked for after hours only.
  const teacher = await openTeacher(recipe, prepared);
  const images = await trainImages(options, prepared);
  const said = await trainTexts(options, prepared, { teacher, kept: keptTexts });

  const { variants } = recipe.clips;
  const encoded = lazily(async () => {
    onStage?.('encoding faces and utterances');
    const embedding = { variants, threads, signal };
    const faces = await embedFaces(recipe, images.params, await prepared.shown(), embedding);
    return { faces, said: await embedUtterances(recipe, said.params, tokenizer, utterances, embedding) };
  });
  // Parts that are kept are named by their values alone, while the alignment depends on seed and data all the same.
  const print = fingerprint(
    [images.print, said.print, teacher?.data, variants],
    [recipe.seed, recipe.image, recipe.imageStage.augment, recipe.text, recipe.textStage, recipe.alignStage],
    [labelsOfFaces(prepared.faces), utterances],
  );
  const trainAlign = async (): Promise<ParamStore> => {
    const { faces, said: unaligned } = await encoded();
    return trainAlignment({
      ...trainingStage(options, 'alignment', ALIGNMENT, print),
      recipe,
      utterances: await said.utterances(),
      said: unaligned,
      faces: prepared.faces,
      shown: faces,
      lessons: await said.lessons(),
    });
  };
  const align = (await finishedParams(stageCheckpoint(options, ALIGNMENT, print))) ?? (await trainAlign());
  const encoders: ParamStore = new Map([...images.params, ...said.params, ...align]);
  const embedded = lazily(async (): Promise<Embedded> => {
    const { faces, said: unaligned } = await encoded();
    const taught = await said.utterances();
    return {
      faces,
      texts: await alignTexts(recipe, align, unaligned),
      // A score that only the teacher gave is none to show a face for.
      utterances: utterances.map((own, i) =>
        own.score === undefined ? own : { ...own, taughtScore: taught[i]?.score },
      ),
    };
  });
  return {
    encoders,
    embedded,
    teachers: [...images.teacher, ...(teacher?.data ?? [])],
    sources: { ...images.sources, ...(keptTexts === undefined ? {} : { texts_of: keptTexts.bundle }) },
    print,
  };
}
