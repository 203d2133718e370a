import { describe, expect, it } from 'vitest';
import { SENTIMENTS, type Prediction } from '../../../models/model.ts';
import { random } from '../../../models/random.ts';
import { softmax } from '../../../models/softmax.ts';
import { fitTemperature } from '../../../training/evaluation/calibrate.ts';

import type { Truth } from '../../../training/evaluation/score-predictions.ts';

const said = (logits: ArrayLike<number>): Prediction => ({
  score: 0,
  logVariance: 0,
  sentimentLogits: Float32Array.from(logits),
  emotionLogits: Float32Array.of(0),
  virtual: {},
  timing: { queueMs: 0, computeMs: 0 },
});

/** Logits, and labels drawn from their softmax at a temperature. */
function drawn(temperature: number, n = 1500): { predictions: Prediction[]; truths: Truth[] } {
  const draw = random('calibrate', temperature);
  const predictions = Array.from({ length: n }, () => said(SENTIMENTS.map(() => 2 * draw.normal())));
  const truths = predictions.map(({ sentimentLogits }): Truth => {
    const [first = 0, second = 0] = softmax(sentimentLogits, temperature);
    const at = draw.uniform();
    return { sentiment: SENTIMENTS[at < first ? 0 : at < first + second ? 1 : 2] };
  });
  return { predictions, truths };
}

describe('the temperature', () => {
  it.each([0.5, 1, 2.5])('is found again that the labels were drawn at: %f', (temperature) => {
    const { predictions, truths } = drawn(temperature);
    expect(fitTemperature(predictions, truths) / temperature).toBeCloseTo(1, 1);
  });

  it('looks at predictions whose sentiment is known alone, each with its own', () => {
    const { predictions, truths } = drawn(2.5);
    const confident = predictions.map(({ sentimentLogits }) => said(sentimentLogits.map((value) => 9 * value)));
    const mixed = predictions.flatMap((prediction, i) => [confident[i] ?? prediction, prediction]);
    const known = truths.flatMap((truth): Truth[] => [{ score: 1 }, truth]);
    expect(fitTemperature(mixed, known)).toBe(fitTemperature(predictions, truths));
  });

  it('is 1 of nothing, and stays in its range where all is right or all is wrong', () => {
    expect(fitTemperature([said([1, 0, 0])], [{}])).toBe(1);
    expect(fitTemperature([said([1, 0, 0])], [{ sentiment: 'negative' }])).toBeCloseTo(0.2, 3);
    expect(fitTemperature([said([900, 0, 0])], [{ sentiment: 'positive' }])).toBeCloseTo(8, 3);
  });
});
