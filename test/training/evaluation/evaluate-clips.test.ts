import { describe, expect, it } from 'vitest';
import { SENTIMENTS, type Prediction, type SentimentModel, type WindowInput } from '../../../models/model.ts';
import {
  CLIP_PATTERNS,
  clipMetrics,
  clipTruths,
  clipWindows,
  losePattern,
  predictByPresence,
  virtualCosines,
} from '../../../training/evaluation/evaluate-clips.ts';
import { nothingObserved, presencePattern } from '../../../training/evaluation/presence.ts';
import type { LabelledClip } from '../../../training/pools/clip-set.ts';
import type { Embeddings } from '../../../training/stages/embed-stage.ts';
import {
  calibrateOnWindows,
  evaluateClips,
  usualFidelity,
  windowsOf,
} from '../../../training/stages/evaluate-stage.ts';
import { calibrationReport } from '../../../training/sweep/calibration-report.ts';
import { emptyTable } from '../../../training/sweep/clip-table.ts';
import { fakeModel } from '../../support/fake-model.ts';

const D = 2;
const SLOTS = 4;
const N = 200;
const EMOTIONS = ['happy', 'sad'];

const said = (sentiment: readonly number[], virtual: Readonly<Record<string, readonly number[]>> = {}): Prediction => ({
  score: 1,
  logVariance: 0,
  sentimentLogits: Float32Array.from(sentiment),
  emotionLogits: Float32Array.of(1, 0),
  virtual: Object.fromEntries(Object.entries(virtual).map(([name, values]) => [name, Float32Array.from(values)])),
  timing: { queueMs: 0, computeMs: 0 },
});

/** Faces, and texts in three variants of which the first is the text as it is. */
const faces: Embeddings = { rows: Float32Array.of(1, 0, 0, 1, 3, 3), dimension: D, variants: 1 };
const texts: Embeddings = { rows: Float32Array.of(1, 1, 9, 9, 9, 9, 2, 2, 9, 9, 9, 9), dimension: D, variants: 3 };
const clips = Array.from({ length: N }, (_, i): LabelledClip => {
  const scored = i % 2 === 0;
  return {
    faces: Int32Array.of(0, 1, 2, 2),
    utterance: i % 2,
    emotion: 'happy',
    hasEmotion: !scored,
    sentiment: i % 4 === 3 ? 'negative' : 'positive',
    score: scored ? 2 : undefined,
  };
});
const windows = clipWindows(clips, faces, texts);

/** A model that says of each window what a function of it gives. */
function modelOf(predictionOf: (window: WindowInput) => Prediction): SentimentModel {
  const fake = fakeModel({
    dimension: D,
    modalities: [
      { name: 'video', kind: 'image', slots: SLOTS },
      { name: 'text', kind: 'text', slots: 1 },
    ],
    emotions: EMOTIONS,
    calibration: { 'video=virtual,text=observed': 1000 },
  });
  return { ...fake, predictBatch: (given) => Promise.resolve(given.map(predictionOf)) };
}
const patternOf = (model: SentimentModel, window: WindowInput): string =>
  presencePattern(window, model.info.modalities);

describe('clips', () => {
  it('are windows of their faces and of their text as it is, everything observed', () => {
    expect([...(windows[0]?.['video']?.embeddings ?? [])]).toEqual([1, 0, 0, 1, 3, 3, 3, 3]);
    expect([windows[0], windows[1]].map((window) => [...(window?.['text']?.embeddings ?? [])])).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect([...(windows[0]?.['video']?.mask ?? []), ...(windows[0]?.['text']?.mask ?? [])]).toEqual([1, 1, 1, 1, 1]);
  });

  it('have an emotion only where it was not inferred', () => {
    expect(clipTruths(clips.slice(0, 2))).toEqual([
      { score: 2, sentiment: 'positive', emotion: undefined },
      { score: undefined, sentiment: 'positive', emotion: 'happy' },
    ]);
  });

  it('lose what the pattern says, never everything, and the same with the same seed', () => {
    const model = modelOf(() => said([0, 0, 0]));
    const left = (pattern: string, seed = 1): WindowInput[] => losePattern(windows, pattern, seed);
    const patterns = (pattern: string): Set<string> => new Set(left(pattern).map((window) => patternOf(model, window)));
    expect(patterns('none')).toEqual(new Set(['video=observed,text=observed']));
    expect(patterns('text=1')).toEqual(new Set(['video=observed,text=virtual']));
    expect(patterns('video=1')).toEqual(new Set(['video=virtual,text=observed']));
    expect(patterns('video=0.9 per slot')).toContain('video=mixed,text=observed');
    // A clip that would lose everything is whole.
    expect(patterns('text=1, video=0.5 per slot')).toEqual(
      new Set(['video=mixed,text=virtual', 'video=observed,text=virtual', 'video=observed,text=observed']),
    );
    for (const pattern of Object.keys(CLIP_PATTERNS)) expect(left(pattern).some(nothingObserved)).toBe(false);
    const share = (pattern: string): number =>
      left(pattern).reduce((sum, { video }) => sum + (video?.mask.filter((there) => there === 0).length ?? 0), 0) /
      (N * SLOTS);
    expect(share('video=0.5 per slot')).toBeCloseTo(0.5, 1);
    expect(share('video=0.9 per slot')).toBeCloseTo(0.9, 1);
    expect(left('video=0.5 per slot')).toEqual(left('video=0.5 per slot'));
    expect(left('video=0.5 per slot', 2)).not.toEqual(left('video=0.5 per slot'));
  });

  it('are predicted by what is left of them, each with its own index', async () => {
    const model = modelOf((window) => said([window['text']?.mask[0] ?? 0, window['video']?.mask[3] ?? 0, 0]));
    const own = windows.map((window, i) => ({
      ...window,
      text: { ...window['text'], embeddings: Float32Array.of(i, i) },
    }));
    const byIndex = modelOf((window) => ({ ...said([0, 0, 0]), score: window['text']?.embeddings[0] ?? -1 }));
    const groups = await predictByPresence(byIndex, own as WindowInput[], 1);
    expect([...groups.keys()].toSorted()).toEqual([
      'video=mixed,text=observed',
      'video=mixed,text=virtual',
      'video=observed,text=observed',
      'video=observed,text=virtual',
      'video=virtual,text=observed',
    ]);
    for (const [pattern, group] of groups)
      for (const { prediction, index } of group)
        expect(prediction.score).toBe(pattern.endsWith('text=observed') ? index : 0);
    const total = [...groups.values()].reduce((sum, group) => sum + group.length, 0);
    // But for those of whom a pattern took no slot, or everything.
    const all = N * Object.keys(CLIP_PATTERNS).length;
    expect(total).toBeLessThan(all);
    expect(total).toBeGreaterThan(all - 4 * N * 0.5 ** SLOTS);
    for (const [pattern, group] of await predictByPresence(model, windows, 1))
      for (const { prediction } of group)
        expect(prediction.sentimentLogits[0]).toBe(Number(pattern.endsWith('text=observed')));
  });
});

it('counts a clip once of which the patterns can take nothing', async () => {
  const model = modelOf(() => said([0, 0, 0]));
  const blind = windows.map(({ video, text }) => ({
    video: { embeddings: new Float32Array(D * SLOTS), mask: (video?.mask ?? new Float32Array()).map(() => 0) },
    text: text ?? { embeddings: new Float32Array(D), mask: Float32Array.of(0) },
  }));
  const groups = await predictByPresence(model, blind, 1);
  expect([...groups].map(([pattern, group]) => [pattern, group.length])).toEqual([['video=virtual,text=observed', N]]);
});

describe('metrics of clips', () => {
  it('are of each label where there is one, and the likelihood at temperature 1', () => {
    const predictions = [said([0, 0, Math.log(2)]), said([0, 0, 0]), said([0, 0, 0])];
    const truths = [
      { sentiment: 'positive', score: 3 } as const,
      { emotion: 'happy' } as const,
      { sentiment: 'neutral' } as const,
    ];
    expect(clipMetrics(predictions, truths, EMOTIONS)).toMatchObject({
      emotion_accuracy: 1,
      sentiment_accuracy: 0.5,
      MAE: 2,
      sentiment_nll: Number(((Math.log(2) + Math.log(3)) / 2).toFixed(4)),
    });
  });

  it('compare a virtual embedding with the mean of all that was observed', () => {
    const { modalities } = modelOf(() => said([])).info;
    const predictions = [said([], { video: [0, 2], text: [1, 0] }), said([], { video: [1, 0], text: [0, 1] })];
    const window: WindowInput = {
      video: { embeddings: Float32Array.of(2, 0, 0, 1, 1, 1, 0, 2), mask: new Float32Array(SLOTS).fill(1) },
      text: { embeddings: Float32Array.of(0, 3), mask: Float32Array.of(1) },
    };
    // The frames' sum is (3, 4).
    expect(virtualCosines(predictions, [window, window], modalities)).toEqual({ cosine_video: 0.7, cosine_text: 0.5 });
  });

  it('has no figures of nothing, rather than perfect or useless ones', () => {
    const { modalities } = fakeModel().info;
    expect(clipMetrics([], [], EMOTIONS)).toEqual({ sentiment_nll: null });
    expect(virtualCosines([], [], modalities)).toEqual({ cosine_video: null, cosine_text: null });
  });
});

describe('the calibration of a bundle', () => {
  const { modalities } = modelOf(() => said([])).info;
  /** Sure, and right of three clips in four, but where the video is missing: there always right. */
  const model = modelOf((window) => {
    const gone = presencePattern(window, modalities) === 'video=virtual,text=observed';
    return said(gone ? [0, 0, 0.1] : [0, 0, 8], { video: [1, 0], text: [1, 0] });
  });
  const set = { clips, faces, texts };

  it('is fitted by presence', async () => {
    const fitted = await calibrateOnWindows(model, windowsOf(set), clipTruths(set.clips), 1);
    expect(Object.keys(fitted)).toHaveLength(5);
    expect(fitted['video=observed,text=observed']).toBeGreaterThan(3);
    // The surer the likelier.
    expect(fitted['video=virtual,text=observed']).toBe(0.2);
  });

  it('is fitted to the labels of the clips that are of a presence', async () => {
    // Sure of the first text alone, whose clips are all positive.
    const knows = modelOf(({ text }) => said(text?.embeddings[0] === 1 ? [0, 0, 8] : [0, 0, 0]));
    const fitted = await calibrateOnWindows(knows, windowsOf(set), clipTruths(set.clips), 1);
    expect(fitted['video=mixed,text=observed']).toBeLessThan(0.5);
  });

  it('has its usual fidelity from whole clips', async () => {
    const fidelity = await usualFidelity(model, windowsOf(set));
    expect(fidelity).toEqual({ video: expect.closeTo(7 / Math.hypot(7, 7), 4), text: expect.closeTo(Math.SQRT1_2, 4) });
  });

  it('is told of each pattern of loss, with the temperatures that are given, beside zeros and other heads', async () => {
    const results = await evaluateClips(
      model,
      set,
      1,
      { zero_complete: modelOf(() => said([9, 0, 0])) },
      {
        'video=observed,text=observed': 1000,
      },
    );
    expect(results.map(({ missing }) => missing)).toEqual(Object.keys(CLIP_PATTERNS));
    const [whole, , noVideo] = results;
    expect(whole?.metrics).toMatchObject({
      sentiment_accuracy: 0.75,
      sentiment_ece: expect.closeTo(0.75 - 1 / 3, 2),
      sentiment_ece_uncalibrated: expect.closeTo(0.25, 2),
      cosine_text: expect.closeTo(Math.SQRT1_2, 3),
    });
    expect(noVideo?.metrics).not.toHaveProperty('cosine_text');
    expect(noVideo?.metrics['sentiment_ece']).toBe(noVideo?.metrics['sentiment_ece_uncalibrated']);
    expect(noVideo?.baseline).toMatchObject({ zero_complete_sentiment_accuracy: 0.25, zeros_sentiment_accuracy: 0.75 });
    // Zeros count as observed, so the model is sure of them.
    expect(noVideo?.baseline['zeros_sentiment_nll']).not.toBe(noVideo?.metrics['sentiment_nll']);
  });

  it('is reported at temperature 1 and at the one that it has', async () => {
    const table = emptyTable(60, SLOTS, D);
    table.videoMask.fill(1);
    table.textMask.fill(1);
    table.sentiment.set(Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? -1 : SENTIMENTS.indexOf('positive'))));
    const report = await calibrationReport(model, table);
    const of = (pattern: string) => report.find((each) => each.pattern === pattern);
    expect(of('video=virtual,text=observed')).toMatchObject({ temperature: 1000, before: { accuracy: 1 } });
    expect(of('video=virtual,text=observed')?.after.ece).toBeCloseTo(2 / 3, 2);
    expect(of('video=virtual,text=observed')?.before.ece).toBeLessThan(0.65);
    expect(of('video=observed,text=virtual')).toMatchObject({ temperature: 1 });
  });
});
