import { expect, it } from 'vitest';
import type { Prediction } from '../../../models/model.ts';
import { calibrationMetrics } from '../../../training/evaluation/calibration-metrics.ts';

const said = (...logits: number[]): Prediction => ({
  score: 0,
  logVariance: 0,
  sentimentLogits: Float32Array.from(logits),
  emotionLogits: Float32Array.of(0),
  virtual: {},
  timing: { queueMs: 0, computeMs: 0 },
});

// Half right, and as sure as one can be at temperature 1; hardly surer than chance at 1000.
const predictions = [said(40, 0, 0), said(40, 0, 0)];
const truths = [{ sentiment: 'negative' }, { sentiment: 'positive' }] as const;

it('measures the confidence at the temperature of the pattern, and at 1', () => {
  const metrics = calibrationMetrics(predictions, truths, ['a', 'a'], { a: 1000 });
  expect(metrics['sentiment_ece_uncalibrated']).toBe(0.5);
  expect(metrics['sentiment_ece']).toBeCloseTo(0.5 - 1 / 3, 1);
});

it('takes the temperature of each pattern for the samples that have it', () => {
  const metrics = calibrationMetrics(predictions, [truths[0], truths[0]], ['a', 'b'], { a: 1000, b: 1 });
  expect(metrics['sentiment_ece']).toBeCloseTo((1 - 1 / 3) / 2, 2);
});

it('takes 1 where the pattern has no temperature, and leaves out what has no sentiment', () => {
  const metrics = calibrationMetrics(predictions, [{ sentiment: 'negative' }, {}], ['a', 'b'], { c: 1000 });
  expect(metrics).toEqual({ sentiment_ece: 0, sentiment_ece_uncalibrated: 0 });
});
