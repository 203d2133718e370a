import { describe, expect, it } from 'vitest';
import { EMOTIONS } from '../../../training/datasets/emotions.ts';
import { lazily } from '../../../training/lazily.ts';
import { smoke } from '../../../training/recipes/smoke.ts';
import { emptyTable, type ClipTable } from '../../../training/sweep/clip-table.ts';
import { METHODS, type Method } from '../../../training/sweep/methods.ts';
import type { Fold, SweepSet } from '../../../training/sweep/sweep-set.ts';
import { tune, tuningFold } from '../../../training/sweep/tune.ts';
import type { UnitResult } from '../../../training/sweep/unit.ts';
import type { UnitStore } from '../../../training/sweep/unit-store.ts';

const method = METHODS.find(({ name }) => name === 'text-only') as Method;
const budget = { steps: 2, batch: 4, threads: 1 };

/** Texts of 40 clips: every fifth is positive and says so, the others are negative. */
const train = emptyTable(40, 1, smoke.heads.dimension);
train.textMask.fill(1);
train.videoMask.fill(1);
for (let i = 0; i < train.n; i++) {
  train.sentiment[i] = i % 5 === 0 ? 2 : 0;
  train.text[i * train.dimension + (i % 5 === 0 ? 0 : 1)] = 1;
}

function setOf(
  better: 'higher' | 'lower',
  { seeds = [], clips = train }: { seeds?: number[]; clips?: ClipTable } = {},
): SweepSet {
  return {
    name: 'set',
    title: '',
    levels: ['sample', 'frame'],
    emotions: EMOTIONS,
    measures: [{ name: 'value', better }],
    fingerprint: 'set',
    tested: { clips: 0, counted: 0 },
    notes: [],
    anySlots: false,
    folds: (seed) => {
      seeds.push(seed);
      return [{ train: clips, test: emptyTable(0, 1, smoke.heads.dimension) }];
    },
  };
}

function tuning(set: SweepSet) {
  return { set, fold: lazily(async () => tuningFold(set)) };
}

/** A store that has the results of the candidates already, by their order. */
function storeOf(values: readonly (readonly number[])[]): UnitStore {
  let next = 0;
  return {
    read: (key) => {
      expect(key).toMatch(/^tune-/);
      const tests = (values[next++] ?? []).map((value) => ({ testing: null, metrics: { value } }));
      return Promise.resolve({ set: '', method: '', seed: 0, training: null, tests, virtual: {}, seconds: 0 });
    },
    write: () => Promise.reject(new Error('there is nothing to write')),
  };
}

it.each([
  [
    'higher',
    [
      [0.1, 0.9],
      [0.7, 0.7],
      [0.8, 0.1],
    ],
    1e-2,
  ],
  [
    'lower',
    [
      [0.3, 0.9],
      [0.7, 0.7],
      [0.4, 0.1],
    ],
    3e-2,
  ],
] as const)('takes the candidate with the best mean over what is missing: %s', async (better, values, peak) => {
  const { peak: taken } = await tune(method, {
    ...tuning(setOf(better)),
    recipe: smoke,
    budget,
    store: storeOf(values),
  });
  expect(taken).toBe(peak);
});

it('measures candidates on clips of another seed that they were not trained on', async () => {
  const written: UnitResult[] = [];
  const store: UnitStore = {
    read: () => Promise.resolve(undefined),
    write: (_, result) => Promise.resolve(void written.push(result)),
  };
  const seeds: number[] = [];
  await tune(method, {
    ...tuning(setOf('higher', { seeds })),
    recipe: smoke,
    budget: { ...budget, steps: 60, batch: 32 },
    store,
  });
  expect(new Set(seeds)).toEqual(new Set([1000]));
  expect(written).toHaveLength(3);
  for (const { tests } of written) {
    expect(tests.map(({ testing }) => testing)).toEqual([
      null,
      { modality: 'text', level: 'sample', rate: 1 },
      { modality: 'video', level: 'sample', rate: 1 },
      { modality: 'video', level: 'frame', rate: 0.5 },
    ]);
    // The fifth that is held out has the positive clips, and training none of them.
    for (const { metrics } of tests)
      expect(metrics).toMatchObject({ sentiment_recall_positive: 0, sentiment_accuracy: 0 });
  }
}, 60_000);

describe('clips of which some belong together', () => {
  /** The clips that candidates are trained on and measured on, by their places. */
  async function partsOf(groups: readonly string[]): Promise<{ trained: number[]; heldOut: number[] }> {
    const clips = { ...train, groups, score: Float32Array.from(groups.keys()) };
    const seen: Fold[] = [];
    const set = setOf('higher', { clips });
    const store: UnitStore = { read: () => Promise.resolve(undefined), write: () => Promise.resolve() };
    const adapt = (fold: Fold): Promise<Fold> => Promise.resolve(seen[seen.push(fold) - 1] as Fold);
    await tune(method, { ...tuning({ ...set, adapt }), recipe: smoke, budget, store });
    return { trained: [...(seen[0]?.train.score ?? [])], heldOut: [...(seen[0]?.test.score ?? [])] };
  }

  it('are held out together', async () => {
    const groups = Array.from(train.sentiment, (_, i) => `video ${Math.floor(i / 4)}`);
    const { trained, heldOut } = await partsOf(groups);
    expect([trained.length, heldOut.length]).toEqual([32, 8]);
    const videos = new Set(trained.map((i) => groups[i]));
    expect(heldOut.filter((i) => videos.has(groups[i]))).toEqual([]);
  });

  it('are cut where there is nothing else', async () => {
    const { trained, heldOut } = await partsOf(Array.from(train.sentiment, () => 'the one video'));
    expect([trained.length, heldOut.length]).toEqual([32, 8]);
  });
});
