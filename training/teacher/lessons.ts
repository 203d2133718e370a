import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../../models/errors.ts';
import { readSafetensors, writeSafetensors } from '../engine/safetensors.ts';
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
  const embeddings = new Float32Array(utterances.length * dimension);
  await mkdir(folder, { recursive: true });
  for (let start = 0; start < utterances.length; start += PART) {
    signal?.throwIfAborted();
    const texts = utterances.slice(start, start + PART).map(({ text }) => text);
    embeddings.set(await encodedPart(teacher, texts, folder), start * dimension);
    onEncoded?.(start + texts.length, utterances.length);
  }
  centre(embeddings, dimension);
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

async function encodedPart(teacher: SentenceEncoder, texts: readonly string[], folder: string): Promise<Float32Array> {
  const key = createHash('sha256')
    .update(JSON.stringify([teacher.name, texts]))
    .digest('hex');
  const path = join(folder, `${key.slice(0, 32)}.safetensors`);
  const kept = existsSync(path) ? await readKept(path) : undefined;
  if (kept?.length === texts.length * teacher.dimension) return kept;
  const rows = await teacher.encode(texts);
  await writeSafetensors(path, { tensors: new Map([['embeddings', rows]]), metadata: { teacher: teacher.name } });
  return rows;
}

/** Undefined where the file is not whole. */
async function readKept(path: string): Promise<Float32Array | undefined> {
  try {
    return (await readSafetensors(path)).tensors.get('embeddings');
  } catch (error) {
    if (hasCode(error, 'checkpoint_unreadable')) return undefined;
    throw error;
  }
}

/** Takes the mean off every row and gives each length 1, in place. */
function centre(rows: Float32Array, dimension: number): void {
  const n = rows.length / dimension;
  const mean = new Float64Array(dimension);
  for (const [i, value] of rows.entries()) mean[i % dimension] = (mean[i % dimension] ?? 0) + value / n;
  for (let start = 0; start < rows.length; start += dimension) {
    const row = rows.subarray(start, start + dimension);
    for (const [k, value] of row.entries()) row[k] = value - (mean[k] ?? 0);
    const length = Math.hypot(...row) || 1;
    for (const [k, value] of row.entries()) row[k] = value / length;
  }
}
