import { describe, expect, it } from 'vitest';
import { smoke } from '../../../training/recipes/smoke.ts';
import { lossMasks, type Loss } from '../../../training/sweep/loss.ts';
import { ABLATIONS, METHODS, type Method } from '../../../training/sweep/methods.ts';
import { tableMetrics } from '../../../training/sweep/table-metrics.ts';
import { trainMethod } from '../../../training/sweep/train-method.ts';
import { drawnClips } from './clips.ts';

const train = drawnClips(300, 1);
const test = drawnClips(120, 2);
const NO_TEXT: Loss = { modality: 'text', level: 'sample', rate: 1 };
const NO_VIDEO: Loss = { modality: 'video', level: 'sample', rate: 1 };

async function accuracies(method: Method, training: Loss | null, ...losses: (Loss | null)[]): Promise<number[]> {
  const predictor = await trainMethod({
    method: { ...method, peak: 1e-2, lateFusion: { layers: 1, width: 16, dropout: 0 } },
    recipe: { heads: { ...smoke.heads, temporal: 8, inference: 16 }, clips: smoke.clips },
    train,
    masks: lossMasks(train, training, 1),
    emotions: 7,
    seed: 1,
    budget: { steps: 60, batch: 32, threads: 1 },
  });
  try {
    const out: number[] = [];
    for (const loss of losses) {
      const predicted = await predictor.predict(test, lossMasks(test, loss, 1));
      out.push(tableMetrics([{ predicted, table: test }], [])['sentiment_accuracy'] ?? 0);
    }
    return out;
  } finally {
    await predictor.close();
  }
}

const named = (name: string): Method => METHODS.find((method) => method.name === name) as Method;

describe('methods', { timeout: 60_000 }, () => {
  it.each(METHODS)('$name learns from complete clips', async (method) => {
    const [full = 0] = await accuracies(method, null, null);
    expect(full).toBeGreaterThan(0.8);
  });

  it.each(ABLATIONS.filter(({ slots }) => slots === undefined))('$name learns', async (method) => {
    const [full = 0, noText = 0, noVideo = 0] = await accuracies(method, null, null, NO_TEXT, NO_VIDEO);
    expect(Math.min(full, noText, noVideo)).toBeGreaterThan(0.8);
  });

  it('video alone is not touched by missing text, and guesses without video', async () => {
    const [full, noText, noVideo = 1] = await accuracies(named('video-only'), null, null, NO_TEXT, NO_VIDEO);
    expect(noText).toBe(full);
    expect(noVideo).toBeLessThan(0.5);
  });

  it('says the class shares where training has nothing of its modality', async () => {
    const [full = 1] = await accuracies(named('text-only'), NO_TEXT, null);
    expect(full).toBeLessThan(0.5);
  });

  it('trains on what is left alone', async () => {
    const [noText = 0, noVideo = 1] = await accuracies(named('zero-complete'), NO_VIDEO, NO_VIDEO, NO_TEXT);
    expect(noText).toBeGreaterThan(0.9);
    expect(noVideo).toBeLessThan(0.7);
  });
});
