import { join } from 'node:path';
import type { ParamStore } from '../models/graph/param.ts';
import { fingerprint } from './fingerprint.ts';
import { alignTexts, trainAlignment } from './stages/align-stage.ts';
import { embedFaces, embedUtterances, type Embeddings } from './stages/embed-stage.ts';
import type { ImageSources } from './stages/images-of.ts';
import type { Prepared } from './stages/prepare.ts';
import type { Utterance } from './pools/text-pool.ts';
import type { Recipe, TeacherConfig } from './recipes/recipe.ts';
import { trainImages } from './train-images.ts';
import { dataOf, trainingStage, type Trained } from './training-stage.ts';
import { trainTextBranch } from './stages/text-stage.ts';
import { openCorpus, type Corpus } from './teacher/corpus.ts';
import { readLessons, taughtUtterances, type Lessons } from './teacher/lessons.ts';
import { openSentenceEncoder, type SentenceEncoder } from './teacher/sentence-encoder.ts';
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
  readonly sources: ImageSources;
  /** Names everything that the encoders depend on. */
  readonly print: string;
}

/** The recipe's teacher, and the sentences that it reads beside the training texts. */
interface Teacher {
  readonly config: TeacherConfig;
  readonly encoder: SentenceEncoder;
  readonly corpus: Corpus;
  readonly data: Prepared['data'];
}

/** Image encoder, face finder, the branches of the text encoder, and the alignment of these with the first. */
export async function trainEncoders(options: TrainOptions, prepared: Prepared): Promise<TrainedEncoders> {
  const { recipe, threads, signal, onStage } = options;
  const { utterances, tokenizer } = prepared;
  // What it needs is not looked for after hours only.
  const teacher = await openTeacher(recipe, prepared);
  const images = await trainImages(options, prepared);
  const said = await trainTexts(options, prepared, teacher);

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
    sources: images.sources,
    print,
  };
}

/** The branches of the text encoder, and the utterances as they were taught. */
async function trainTexts(
  options: TrainOptions,
  prepared: Prepared,
  teacher: Teacher | undefined,
): Promise<Trained & { readonly utterances: Prepared['utterances']; readonly lessons: Lessons | undefined }> {
  const { recipe } = options;
  const { tokenizer, tokenizerJson } = prepared;
  const { seed, text, textStage } = recipe;
  const lessons = teacher && (await lessonsOf(options, teacher, prepared));
  const every = [...prepared.utterances, ...(teacher?.corpus.sentences ?? [])];
  const utterances = lessons === undefined ? every : taughtUtterances(every, lessons);
  const sets = recipe.texts.map(({ dataset }) => dataset);
  const data = [...dataOf(prepared, sets), ...(teacher?.data ?? [])];
  const prints = text.branches.map((branch) =>
    fingerprint(seed, text.maxTokens, branch, textStage, recipe.texts, data, tokenizerJson),
  );
  const params: ParamStore = new Map();
  for (const [branch, print] of prints.entries()) {
    const own = trainingStage(options, `text branch ${branch + 1} of ${prints.length}`, `text-branch-${branch}`, print);
    for (const [name, values] of await trainTextBranch({ ...own, recipe, branch, utterances, lessons, tokenizer }))
      params.set(name, values);
  }
  return { params, utterances: utterances.slice(0, prepared.utterances.length), lessons, print: fingerprint(prints) };
}

async function openTeacher(recipe: Recipe, prepared: Prepared): Promise<Teacher | undefined> {
  const config = recipe.textStage.teacher;
  if (config === undefined) return undefined;
  const encoder = await openSentenceEncoder();
  const validation = prepared.validationUtterances.map(({ text }) => text);
  const corpus = await openCorpus(config.corpus, validation);
  const rows = [
    { name: `${encoder.name} (teacher)`, n: prepared.utterances.length, licence: encoder.licence },
    { name: `${corpus.name} (no labels)`, n: corpus.sentences.length, licence: corpus.licence },
  ];
  return { config, encoder, corpus, data: rows.map((row) => ({ ...row, split: 'train' })) };
}

async function lessonsOf(
  { recipe, out, onStage, onEncoded, signal }: TrainOptions,
  { config, encoder, corpus }: Teacher,
  { utterances, tokenizer }: Prepared,
): Promise<Lessons> {
  onStage?.(`reading ${utterances.length + corpus.sentences.length} texts with ${encoder.name}`);
  return readLessons({
    teacher: encoder,
    config,
    seed: recipe.seed,
    utterances,
    corpus: corpus.sentences,
    tokenizer,
    widths: recipe.text.branches.map(({ width }) => width),
    folder: join(out, 'teacher'),
    onEncoded: (done, total) => onEncoded?.('teacher', done, total),
    signal,
  });
}
