import { join } from 'node:path';
import type { ParamStore } from '../models/graph/param.ts';
import { finishedParams } from './engine/checkpoint.ts';
import { fingerprint } from './fingerprint.ts';
import { lazily } from './lazily.ts';
import { isReadBy } from './pools/text-pool.ts';
import type { MixEntry, Recipe, TeacherConfig } from './recipes/recipe.ts';
import { printOf } from './stages/kept-params.ts';
import type { Prepared } from './stages/prepare.ts';
import { trainTextBranch } from './stages/text-stage.ts';
import type { KeptTexts } from './stages/texts-of.ts';
import { openCorpus, type Corpus } from './teacher/corpus.ts';
import { readLessons, taughtUtterances, type Lessons } from './teacher/lessons.ts';
import { openSentenceEncoder, type SentenceEncoder } from './teacher/sentence-encoder.ts';
import type { TrainOptions } from './train.ts';
import { dataOf, trainingStage, type Trained } from './training-stage.ts';

export interface TrainedTexts extends Trained {
  /** The training utterances, with what the teacher makes of their scores. */
  readonly utterances: () => Promise<Prepared['utterances']>;
  readonly lessons: () => Promise<Lessons | undefined>;
}

/** The recipe's teacher, and the sentences that it reads beside the training texts. */
export interface Teacher {
  readonly config: TeacherConfig;
  readonly encoder: SentenceEncoder;
  readonly corpus: Corpus;
  readonly data: Prepared['data'];
}

/** The branches of the text encoder, and the utterances as they were taught; the teacher is not asked before that is needed. */
export async function trainTexts(
  options: TrainOptions,
  prepared: Prepared,
  { teacher, kept }: { readonly teacher: Teacher | undefined; readonly kept: KeptTexts | undefined },
): Promise<TrainedTexts> {
  const { recipe } = options;
  const { tokenizer, tokenizerJson } = prepared;
  const { seed, text, textStage } = recipe;
  const lessons = lazily(async () => teacher && (await lessonsOf(options, teacher, prepared)));
  const utterances = lazily(async () => {
    const every = [...prepared.utterances, ...(teacher?.corpus.sentences ?? [])];
    const said = await lessons();
    return said === undefined ? every : taughtUtterances(every, said);
  });
  const prints = text.branches.map((config, branch) => {
    const own = kept?.branches[branch];
    if (own !== undefined) return printOf(own);
    // What a teacher says of a text depends on the others, too.
    const said = prepared.utterances.filter((each) => teacher !== undefined || isReadBy(each, branch));
    const sets = setsReadBy(branch, recipe);
    const read = sets.map(({ dataset }) => dataset);
    const data = [...dataOf(prepared, read), ...(teacher?.data ?? [])];
    return fingerprint(seed, text.maxTokens, config, textStage, sets, data, said, tokenizerJson);
  });
  const params: ParamStore = new Map();
  for (const [branch, print] of prints.entries()) {
    const title = `text branch ${branch + 1} of ${prints.length}`;
    const train = async (): Promise<ParamStore> => {
      const stage = trainingStage(options, title, `text-branch-${branch}`, print);
      return (
        (await finishedParams(stage.checkpoint)) ??
        trainTextBranch({
          ...stage,
          recipe,
          branch,
          utterances: await utterances(),
          lessons: await lessons(),
          tokenizer,
        })
      );
    };
    const own = kept?.branches[branch] ?? (await train());
    for (const [name, values] of own) params.set(name, values);
  }
  return {
    params,
    utterances: async () => (await utterances()).slice(0, prepared.utterances.length),
    lessons,
    print: fingerprint(prints),
  };
}

/** The data sets with labels whose texts a branch is trained on. */
function setsReadBy(branch: number, { texts, pairs }: Recipe): readonly MixEntry[] {
  if (pairs?.texts === undefined || !isReadBy(pairs.texts, branch)) return texts;
  return [...texts, { dataset: pairs.dataset, weight: pairs.texts.weight }];
}

/** @throws UndertoneError `teacher_missing` when it is not installed */
export async function openTeacher(recipe: Recipe, prepared: Prepared): Promise<Teacher | undefined> {
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
