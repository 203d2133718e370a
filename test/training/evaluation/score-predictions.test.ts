import { expect, it } from 'vitest';
import type { Prediction } from '../../../models/model.ts';
import { joinTargets, scorePredictions, type Truth } from '../../../training/evaluation/score-predictions.ts';

const said = (score: number, sentiment: readonly number[], emotion: readonly number[]): Prediction => ({
  score,
  logVariance: 0,
  sentimentLogits: Float32Array.from(sentiment),
  emotionLogits: Float32Array.from(emotion),
  virtual: {},
  timing: { queueMs: 0, computeMs: 0 },
});
const EMOTIONS = ['happy', 'sad'];
const predictions = [
  said(1, [0, 0, 1], [1, 0]),
  said(-1, [1, 0, 0], [0, 1]),
  said(2, [0, 1, 0], [0, 1]),
  said(0.5, [0, 1, 0], [1, 0]),
];
const truths: readonly Truth[] = [
  { score: 2, sentiment: 'positive' },
  { sentiment: 'positive', emotion: 'sad' },
  { score: 0, emotion: 'happy' },
  { sentiment: 'neutral', emotion: 'happy' },
];
const scored = (target: 'score' | 'sentiment' | 'emotion') => scorePredictions(target, predictions, truths, EMOTIONS);

it('measures each target over the samples that have it, by its own output', () => {
  expect(scored('score')).toMatchObject({ MAE: 1.5, Has0_acc_2: 1 });
  expect(scored('sentiment')).toMatchObject({ accuracy: 0.6667, recall_positive: 0.5, recall_neutral: 1 });
  expect(scored('emotion')).toMatchObject({ accuracy: 0.6667, recall_sad: 1, recall_happy: 0.5 });
  expect(scorePredictions('score', predictions.slice(1, 2), truths.slice(1, 2), EMOTIONS)).toEqual({});
});

it('joins them, with the target before the name where there are two kinds of classes', () => {
  const classes = [
    ['emotion', { accuracy: 0.5 }],
    ['sentiment', { accuracy: 0.75 }],
    ['score', { MAE: 1 }],
  ] as const;
  expect(joinTargets(classes)).toEqual({ emotion_accuracy: 0.5, sentiment_accuracy: 0.75, MAE: 1 });
  expect(joinTargets(classes.slice(1))).toEqual({ accuracy: 0.75, MAE: 1 });
  expect(joinTargets([['emotion', {}], ...classes.slice(1)])).toEqual({ accuracy: 0.75, MAE: 1 });
});
