import { unitRows } from '../../models/runtime/unit-rows.ts';
import { cachedRows } from '../embeddings/cached-rows.ts';
import { fingerprint } from '../fingerprint.ts';
import type { Utterance } from '../pools/text-pool.ts';
import type { TeacherConfig } from '../recipes/recipe.ts';
import { crossFitScores } from './cross-fit-scores.ts';
import type { SentenceEncoder } from './sentence-encoder.ts';

/** What the teacher says of the training texts. */
export interface Lessons {
  /** [texts, dimension], row after row: less their mean, of length 1. */
  readonly embeddings: Float32Array;
  readonly dimension: number;
  /** The score of every text, as it is read out of the teacher's embedding of it. */
  readonly scores: Float64Array;
}

export interface LessonOptions {
  readonly teacher: SentenceEncoder;
  readonly config: TeacherConfig;
  readonly seed: number;
  readonly utterances: readonly Utterance[];
  /** Folder that keeps the embeddings, part by part; what is there is not made again. */
  readonly folder: string;
  readonly onEncoded?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const PART = 1024;

/** Encodes the training texts with the teacher, and reads scores out of what it says. */
export async function readLessons(options: LessonOptions): Promise<Lessons> {
  const { teacher, config, seed, utterances, folder, onEncoded, signal } = options;
  const { dimension } = teacher;
  const bundle = fingerprint(teacher.name, dimension);
  const rows = new Float32Array(utterances.length * dimension);
  for (let start = 0; start < utterances.length; start += PART) {
    signal?.throwIfAborted();
    const items = utterances.slice(start, start + PART).map(({ text }) => text);
    const part = await cachedRows({ folder, name: teacher.name, bundle, items }, () => teacher.encode(items));
    rows.set(part, start * dimension);
    onEncoded?.(start + items.length, utterances.length);
  }
  const embeddings = centred(rows, dimension);
  return {
    embeddings,
    dimension,
    scores: crossFitScores({ embeddings, dimension, utterances, seed, ...config.scores }),
  };
}

/** The utterances with the teacher's scores: the whole target of a text that has none, `taught` of it where it has. */
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
