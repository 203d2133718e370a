import { describe, expect, it } from 'vitest';
import type { AbsenceConfig } from '../../../pipeline/absence/absence-masks.ts';
import { EMOTIONS } from '../../../training/datasets/emotions.ts';
import type { LabelledClip } from '../../../training/pools/clip-set.ts';
import { smoke } from '../../../training/recipes/smoke.ts';
import type { Embeddings } from '../../../training/stages/embed-stage.ts';
import { headsBatch } from '../../../training/stages/heads-batch.ts';

const BATCH = 400;
const D = 2;
const SLOTS = 4;
const faces: Embeddings = { rows: Float32Array.of(1, 0, 0, 1), dimension: D, variants: 1 };
/** Two texts in two variants. */
const texts: Embeddings = { rows: Float32Array.of(5, 0, 5, 1, 6, 0, 6, 1), dimension: D, variants: 2 };

const scored: LabelledClip = {
  faces: Int32Array.of(0, 1, 1, 1),
  utterance: 0,
  emotion: 'happy',
  hasEmotion: false,
  sentiment: undefined,
  score: 2,
  taughtScore: -1,
};
const felt: LabelledClip = {
  faces: Int32Array.of(1, 1, 1, 0),
  utterance: 1,
  emotion: 'sad',
  hasEmotion: true,
  sentiment: 'negative',
  score: undefined,
};
const spoken: LabelledClip = { ...felt, faces: new Int32Array(0), emotion: undefined, hasEmotion: false };
const CLIPS = [scored, felt, spoken];

const often: AbsenceConfig = {
  ...smoke.clips.absence,
  observed: 1,
  missing: { video: 1, text: 1 },
  slots: { bernoulli: 1, burst: 0, blackout: 0, late: 0 },
  alsoMissing: 0.5,
};

interface Rows {
  readonly [name: string]: number[][];
}

/** The inputs as rows, and which clip each row is of. */
function batchOf(
  drops: boolean,
  { noise = 0, seed = 1, step = 0 } = {},
): { rows: Rows; of: (clip: LabelledClip) => number[] } {
  const recipe = {
    ...smoke,
    seed,
    heads: { ...smoke.heads, dimension: D, slots: SLOTS },
    clips: { ...smoke.clips, batch: BATCH, absence: often, noise: { video: noise, text: noise } },
  };
  const drawn: LabelledClip[] = [];
  const clips = (draw: { pick: <T>(items: readonly T[]) => T }): LabelledClip => {
    const clip = draw.pick(CLIPS);
    drawn.push(clip);
    return clip;
  };
  const batch = headsBatch({ recipe, faces, texts, clips }, drops, step);
  const rows = Object.fromEntries(
    Object.entries(batch).map(([name, { data }]) => {
      const width = data.length / BATCH;
      return [
        name,
        Array.from({ length: BATCH }, (_, i) => Array.from(data.slice(i * width, (i + 1) * width), Number)),
      ];
    }),
  );
  return { rows, of: (clip) => [...drawn.keys()].filter((i) => drawn[i] === clip) };
}

const row = (rows: Rows, name: string, i: number): readonly number[] => rows[name]?.[i] ?? [];

describe('a batch of clips', () => {
  it('holds the faces slot by slot and a variant of the text, also of what is dropped', () => {
    for (const drops of [false, true]) {
      const { rows, of } = batchOf(drops);
      for (const i of of(scored)) expect(row(rows, 'video', i)).toEqual([1, 0, 0, 1, 0, 1, 0, 1]);
      for (const i of of(spoken)) expect(row(rows, 'video', i)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
      const said = new Set([...of(felt), ...of(spoken)].map((i) => row(rows, 'text', i).join()));
      expect(said).toEqual(new Set(['6,0', '6,1']));
    }
  });

  it('drops nothing unless it is asked to, and never the text of a clip without video', () => {
    const whole = batchOf(false);
    for (const i of [...whole.of(scored), ...whole.of(felt)])
      expect([...row(whole.rows, 'video_mask', i), ...row(whole.rows, 'text_mask', i)]).toEqual([1, 1, 1, 1, 1]);
    const { rows, of } = batchOf(true);
    for (const i of of(spoken))
      expect([...row(rows, 'video_mask', i), ...row(rows, 'text_mask', i)]).toEqual([0, 0, 0, 0, 1]);
    const masks = new Set(
      of(felt).map((i) => `${row(rows, 'video_mask', i).join('')} ${row(rows, 'text_mask', i).join('')}`),
    );
    for (const mask of ['1111 1', '1111 0', '0000 1']) expect(masks).toContain(mask);
    expect(masks.size).toBeGreaterThan(8);
  });

  it('matches what is synthesised wherever its source is observed and the real one known, dropped or not', () => {
    const { rows, of } = batchOf(true);
    for (const clip of CLIPS)
      for (const i of of(clip)) {
        expect(row(rows, 'sees', i)).toEqual([Number(row(rows, 'video_mask', i).includes(1))]);
        expect(row(rows, 'hears', i)).toEqual(clip === spoken ? [0] : row(rows, 'text_mask', i));
      }
  });

  it('takes the score of the teacher where the text alone is observed, and the own one elsewhere', () => {
    const { rows, of } = batchOf(true);
    const targets = of(scored).map((i) => [row(rows, 'video_mask', i).includes(1), row(rows, 'score', i)[0]]);
    expect(targets.filter(([seen]) => seen === true).every(([, score]) => score === 2)).toBe(true);
    expect(targets.filter(([seen]) => seen === false).every(([, score]) => score === -1)).toBe(true);
    expect(new Set(targets.map(([seen]) => seen)).size).toBe(2);
  });

  it('has the labels that there are', () => {
    const { rows, of } = batchOf(true);
    const labels = (clip: LabelledClip) => {
      const i = of(clip)[0] ?? -1;
      return ['has_score', 'has_sentiment', 'sentiment', 'has_emotion'].map((name) => row(rows, name, i).join(''));
    };
    expect(labels(scored)).toEqual(['1', '0', '000', '0']);
    expect(labels(felt)).toEqual(['0', '1', '100', '1']);
    expect(labels(spoken)).toEqual(['0', '1', '100', '0']);
    expect(row(rows, 'emotion', of(felt)[0] ?? -1)).toEqual(EMOTIONS.map((name) => Number(name === 'sad')));
  });

  it('has noise of the asked length, around the embedding', () => {
    const { rows, of } = batchOf(false, { noise: 0.5 });
    const off = of(scored).flatMap((i) =>
      row(rows, 'video', i).map((value, k) => value - ([1, 0, 0, 1, 0, 1, 0, 1][k] ?? 0)),
    );
    const mean = off.reduce((a, b) => a + b, 0) / off.length;
    expect(mean).toBeCloseTo(0, 1);
    expect(Math.sqrt((D * off.reduce((sum, value) => sum + value * value, 0)) / off.length)).toBeCloseTo(0.5, 1);
  });

  it('depends on the seed and the step', () => {
    expect(batchOf(true).rows).toEqual(batchOf(true).rows);
    expect(batchOf(true, { seed: 2 }).rows).not.toEqual(batchOf(true).rows);
    expect(batchOf(true, { step: 1 }).rows).not.toEqual(batchOf(true).rows);
  });
});
