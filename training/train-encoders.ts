import type { ParamStore } from '../models/graph/param.ts';
import { fingerprint } from './fingerprint.ts';
import type { Utterance } from './pools/text-pool.ts';
import { alignTexts, trainAlignment } from './stages/align-stage.ts';
import { embedFaces, embedUtterances, type Embeddings } from './stages/embed-stage.ts';
import type { KeptSources } from './stages/kept-params.ts';
import type { Prepared } from './stages/prepare.ts';
import type { KeptTexts } from './stages/texts-of.ts';
import { trainImages } from './train-images.ts';
import { openTeacher, trainTexts } from './train-texts.ts';
import { trainingStage } from './training-stage.ts';
import type { TrainOptions } from './train.ts';

export interface TrainedEncoders {
  readonly encoders: ParamStore;
  /** The training faces and utterances, encoded. */
  readonly faces: Embeddings;
  readonly texts: Embeddings;
  /** The training utterances, with what the teacher makes of their scores. */
  readonly utterances: readonly Utterance[];
  /** The teachers and their corpus as rows of the data, where there were any. */
  readonly teachers: Prepared['data'];
  readonly sources: KeptSources;
  /** Names everything that the encoders depend on. */
  readonly print: string;
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

  onStage?.('encoding faces and utterances');
  const { variants } = recipe.clips;
  const embedding = { variants, threads, signal };
  const faces = await embedFaces(recipe, images.params, prepared.faces, embedding);
  const unaligned = await embedUtterances(recipe, said.params, tokenizer, utterances, embedding);
  const print = fingerprint(images.print, said.print, variants, recipe.alignStage);
  const align = await trainAlignment({
    ...trainingStage(options, 'alignment', 'alignment', print),
    recipe,
    utterances: said.utterances,
    said: unaligned,
    faces: prepared.faces,
    shown: faces,
    lessons: said.lessons,
  });
  const texts = await alignTexts(recipe, align, unaligned);
  const encoders: ParamStore = new Map([...images.params, ...said.params, ...align]);
  // A score that only the teacher gave is none to show a face for.
  const mixed = utterances.map((own, i) =>
    own.score === undefined ? own : { ...own, taughtScore: said.utterances[i]?.score },
  );
  return {
    encoders,
    faces,
    texts,
    utterances: mixed,
    teachers: [...images.teacher, ...(teacher?.data ?? [])],
    sources: { ...images.sources, ...(keptTexts === undefined ? {} : { texts_of: keptTexts.bundle }) },
    print,
  };
}
