import { unitRows } from '../../models/runtime/unit-rows.ts';
import { cachedRows } from '../embeddings/cached-rows.ts';
import { fingerprint } from '../fingerprint.ts';
import type { TextTokenizer } from '../../models/encoders/tokenizer.ts';
import type { Utterance } from '../pools/text-pool.ts';
import type { TeacherConfig } from '../recipes/recipe.ts';
import { crossFitScores } from './cross-fit-scores.ts';
import type { SentenceEncoder } from './sentence-encoder.ts';
import { wordVectors } from './word-vectors.ts';

/** What the teacher says of the training texts and, after them, of the sentences of the corpus. */
export interface Lessons {
  /** [texts, dimension], row after row: less their mean, of length 1. */
  readonly embeddings: Float32Array;
  readonly dimension: number;
  /** The score of every text, as it is read out of the teacher's embedding of it. */
  readonly scores: Float64Array;
  /** By width: start values [vocabulary, width] for a table of tokens; see {@link wordVectors}. */
  readonly tables: ReadonlyMap<number, Float32Array>;
}

export interface LessonOptions {
  readonly teacher: SentenceEncoder;
  readonly config: TeacherConfig;
  readonly seed: number;
  readonly utterances: readonly Utterance[];
  /** Sentences without labels that are read beside them. */
  readonly corpus: readonly Utterance[];
  readonly tokenizer: Pick<TextTokenizer, 'decode' | 'vocabSize'>;
  /** Of the branches' tables of tokens. */
  readonly widths: readonly number[];
  /** Folder that keeps the embeddings, part by part; what is there is not made again. */
  readonly folder: string;
  readonly onEncoded?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const PART = 1024;

/** Encodes texts, sentences and tokens with the teacher, and reads scores out of what it says. */
export async function readLessons(options: LessonOptions): Promise<Lessons> {
  const { teacher, config, seed, corpus, tokenizer, widths } = options;
  const { dimension } = teacher;
  const utterances = [...options.utterances, ...corpus];
  const tokens = Array.from({ length: tokenizer.vocabSize }, (_, id) => tokenizer.decode([id]).trim());
  const total = utterances.length + tokens.length;
  let done = 0;
  const read = async (texts: readonly string[]): Promise<Float32Array> => {
    const rows = await encoded(options, texts, (n) => options.onEncoded?.(done + n, total));
    done += texts.length;
    return rows;
  };
  const rows = new Float32Array(utterances.length * dimension);
  // The corpus by itself, so that other data sets leave what is kept of it as it is.
  rows.set(await read(options.utterances.map(({ text }) => text)));
  rows.set(await read(corpus.map(({ text }) => text)), options.utterances.length * dimension);
  const embeddings = centred(rows, dimension);
  const words = await read(tokens);
  return {
    embeddings,
    dimension,
    scores: crossFitScores({ embeddings, dimension, utterances, seed, ...config.scores }),
    tables: new Map([...new Set(widths)].map((width) => [width, wordVectors(words, dimension, width)])),
  };
}

async function encoded(
  { teacher, folder, signal }: LessonOptions,
  texts: readonly string[],
  onEncoded: (done: number) => void,
): Promise<Float32Array> {
  const bundle = fingerprint(teacher.name, teacher.dimension);
  const rows = new Float32Array(texts.length * teacher.dimension);
  for (let start = 0; start < texts.length; start += PART) {
    signal?.throwIfAborted();
    const items = texts.slice(start, start + PART);
    const part = await cachedRows({ folder, name: teacher.name, bundle, items }, () => teacher.encode(items));
    rows.set(part, start * teacher.dimension);
    onEncoded(start + items.length);
  }
  return rows;
}

/**
 * Utterances, in the order of the lessons, with the teacher's scores: the whole target of a text that has none, `taught`
 * of it where it has.
 */
export function taughtUtterances(utterances: readonly Utterance[], { scores }: Lessons): Utterance[] {
  return utterances.map((utterance, i) => {
    const { score: own, taught = 0 } = utterance;
    const said = scores[i] ?? 0;
    return { ...utterance, score: own === undefined ? said : (1 - taught) * own + taught * said };
  });
}

/** Rows without their mean, each of length 1. */
function centred(rows: Float32Array, dimension: number): Float32Array {
  const n = rows.length / dimension;
  const mean = new Float64Array(dimension);
  for (const [i, value] of rows.entries()) mean[i % dimension] = (mean[i % dimension] ?? 0) + value / n;
  return unitRows(
    rows.map((value, i) => value - (mean[i % dimension] ?? 0)),
    dimension,
  ).rows;
}
