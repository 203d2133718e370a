import { expect, it } from 'vitest';
import { random } from '../../../models/random.ts';
import type { Utterance } from '../../../training/pools/text-pool.ts';
import { crossFitScores } from '../../../training/teacher/cross-fit-scores.ts';

const DIMENSION = 24;

function rowsOf(n: number): Float32Array {
  const draw = random('cross-fit rows');
  return Float32Array.from({ length: n * DIMENSION }, () => draw.normal());
}

let texts = 0;

function utterance(score: number | undefined, weight = 1): Utterance {
  return { text: `text ${texts++}`, weight, emotions: undefined, emotion: undefined, sentiment: undefined, score };
}

/** A constant and a share of every third value. */
function linear(row: Float32Array): number {
  return row.reduce((sum, value, k) => sum + (k % 3 === 0 ? 0.2 * value : 0), 0.7);
}

function fitted(embeddings: Float32Array, utterances: readonly Utterance[], penalty = 1e-3): Float64Array {
  return crossFitScores({ embeddings, dimension: DIMENSION, utterances, seed: 1, penalty, folds: 4 });
}

it('scores every text by what those with a score have in common', () => {
  const embeddings = rowsOf(400);
  const truth = Array.from({ length: 400 }, (_, i) => linear(embeddings.subarray(i * DIMENSION, (i + 1) * DIMENSION)));
  const scores = fitted(
    embeddings,
    truth.map((score, i) => utterance(i % 4 === 0 ? undefined : score)),
  );
  for (const [i, score] of scores.entries()) expect(score).toBeCloseTo(truth[i] ?? Number.NaN, 3);
});

it('has not seen the score of a text that it scores', () => {
  const n = 60;
  const embeddings = rowsOf(n);
  const draw = random('noise');
  const noise = Array.from({ length: n }, () => draw.normal());
  const said = noise.map((score) => utterance(score));
  const before = fitted(embeddings, said);
  const changed = said.map((each, i) => (i === 7 ? { ...each, score: (each.score ?? 0) + 100 } : each));
  const after = fitted(embeddings, changed);
  expect(after[7]).toBe(before[7]);
  expect(after.filter((score, i) => score !== before[i]).length).toBeGreaterThan(n / 2);
});

it('has not seen the score of a copy either', () => {
  const n = 60;
  const draw = random('copies');
  const said = Array.from({ length: n }, () => utterance(draw.normal()));
  const copies = said.map((each) => ({ ...each, text: each.text.toUpperCase() }));
  const rows = rowsOf(n);
  const twice = Float32Array.from([...rows, ...rows]);
  const before = fitted(twice, [...said, ...copies]);
  const changed = copies.map((each, i) => (i === 7 ? { ...each, score: 100 } : each));
  const after = fitted(twice, [...said, ...changed]);
  expect([after[7], after[n + 7]]).toEqual([before[7], before[n + 7]]);
  expect(after).not.toEqual(before);
});

it('counts texts by their weight', () => {
  const embeddings = new Float32Array(3 * DIMENSION);
  const [heavy, light] = [utterance(1, 3), utterance(-1, 1)];
  const scores = crossFitScores({
    embeddings,
    dimension: DIMENSION,
    utterances: [heavy, light, utterance(undefined)],
    seed: 1,
    penalty: 1,
    folds: 2,
  });
  expect(scores[2]).toBeCloseTo(0.5, 5);
});

it('says zero where no text has a score', () => {
  expect([...fitted(rowsOf(3), [utterance(undefined), utterance(undefined), utterance(undefined)])]).toEqual([0, 0, 0]);
});
