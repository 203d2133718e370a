import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { random } from '../../../models/random.ts';
import type { Utterance } from '../../../training/pools/text-pool.ts';
import { compact } from '../../../training/recipes/compact.ts';
import { readLessons, taughtUtterances } from '../../../training/teacher/lessons.ts';
import { wordVectors } from '../../../training/teacher/word-vectors.ts';
import type { SentenceEncoder } from '../../../training/teacher/sentence-encoder.ts';

const DIMENSION = 6;
const N = 1500;
const none = { emotions: undefined, emotion: undefined, sentiment: undefined, score: undefined };
const corpus = Array.from({ length: 10 }, (_, i): Utterance => ({ text: `sentence ${i}`, weight: 1, ...none }));
const tokenizer = { vocabSize: 5, decode: (ids: Iterable<number>): string => ` word ${[...ids].join()} ` };
const TOTAL = N + 10 + 5;
const utterances = Array.from({ length: N }, (_, i): Utterance => {
  const score = i % 3 === 0 ? undefined : (i % 7) - 3;
  const taught = i % 3 === 1 ? 0.25 : undefined;
  return { ...none, text: `text ${i}`, weight: 1, score, taught };
});

/** Rows that a text alone decides, so that what is kept can be told from what is made anew only by counting. */
let encoded = 0;
const teacher: SentenceEncoder = {
  name: 'rows of numbers',
  licence: 'none',
  dimension: DIMENSION,
  encode: async (texts) => {
    encoded += texts.length;
    return Float32Array.from(
      texts.flatMap((text) => {
        const draw = random(text);
        return Array.from({ length: DIMENSION }, () => draw.normal() + 2);
      }),
    );
  },
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'undertone-lessons-'));
  encoded = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const config = compact.textStage.teacher ?? expect.fail('the recipe compact has a teacher');
const read = (extra: { signal?: AbortSignal; onEncoded?: (done: number, total: number) => void } = {}) =>
  readLessons({ teacher, config, seed: 1, utterances, corpus, tokenizer, widths: [2, 3, 2], folder, ...extra });

it('keeps what the teacher said, and makes anew what is not whole', async () => {
  const progress: [number, number][] = [];
  const first = await read({ onEncoded: (...at) => progress.push(at) });
  expect(encoded).toBe(TOTAL);
  expect(progress).toEqual([1024, N, N + 10, TOTAL].map((done) => [done, TOTAL]));
  expect(await read()).toEqual(first);
  expect(encoded).toBe(TOTAL);

  const [one = ''] = readdirSync(folder);
  writeFileSync(join(folder, one), 'cut off');
  expect(await read()).toEqual(first);
  expect(encoded - TOTAL).toBeOneOf([1024, N - 1024, 10, 5]);
});

it('stops between two parts and goes on there', async () => {
  const stop = new AbortController();
  await expect(read({ signal: stop.signal, onEncoded: () => stop.abort(new Error('enough')) })).rejects.toThrow(
    'enough',
  );
  expect(encoded).toBe(1024);
  await read();
  expect(encoded).toBe(TOTAL);
});

it('gives embeddings without their mean, of length 1', async () => {
  const { embeddings, dimension } = await read();
  const mean = Array.from({ length: dimension }, () => 0);
  for (let start = 0; start < embeddings.length; start += dimension) {
    const row = embeddings.subarray(start, start + dimension);
    expect(Math.hypot(...row)).toBeCloseTo(1, 5);
    for (const [k, value] of row.entries()) mean[k] = (mean[k] ?? 0) + value / (N + 10);
  }
  for (const value of mean) expect(Math.abs(value)).toBeLessThan(0.05);
});

it('makes tables of tokens, one for each width, of what the teacher says of each by itself', async () => {
  const { tables } = await read();
  const words = await teacher.encode(['word 0', 'word 1', 'word 2', 'word 3', 'word 4']);
  expect([...tables]).toEqual([2, 3].map((width) => [width, wordVectors(words, DIMENSION, width)]));
});

it('gives sentences of the corpus what the teacher would score them', async () => {
  const lessons = await read();
  expect(lessons.embeddings).toHaveLength((N + 10) * DIMENSION);
  for (const [i, { score }] of taughtUtterances([...utterances, ...corpus], lessons)
    .slice(N)
    .entries())
    expect(score).toBe(lessons.scores[N + i]);
});

it('mixes scores as the recipe says, and leaves everything else', async () => {
  const lessons = await read();
  const taught = taughtUtterances(utterances, lessons);
  for (const [i, { score, ...rest }] of taught.entries()) {
    const { score: own, ...before } = utterances[i] as Utterance;
    const said = lessons.scores[i] ?? Number.NaN;
    expect(rest).toEqual(before);
    expect(score).toBeCloseTo(own === undefined ? said : i % 3 === 1 ? 0.75 * own + 0.25 * said : own, 10);
  }
});
