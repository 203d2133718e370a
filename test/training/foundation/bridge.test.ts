import { describe, expect, it } from 'vitest';
import { applyBridge } from '../../../training/foundation/apply-bridge.ts';
import { measureBaselines } from '../../../training/foundation/baselines.ts';
import { BRIDGE_RECIPE } from '../../../training/foundation/bridge-recipe.ts';
import { chooseCloseness } from '../../../training/foundation/choose-closeness.ts';
import { evaluateBridge } from '../../../training/foundation/evaluate-bridge.ts';
import { foldsOf } from '../../../training/foundation/folds.ts';
import { formatBridge } from '../../../training/foundation/format-bridge.ts';
import { measureBridge } from '../../../training/foundation/measure-bridge.ts';
import { measureText, measureVisual } from '../../../training/foundation/measure-synthesis.ts';
import { modalityGap, moveAcross } from '../../../training/foundation/modality-gap.ts';
import { retrieval } from '../../../training/foundation/retrieval.ts';
import { ridgeMap } from '../../../training/foundation/ridge-map.ts';
import { BRIDGE, trainBridge } from '../../../training/foundation/train-bridge.ts';
import { pairsOf } from './pairs-of.ts';

const closeness = { textToVisual: 30, visualToText: 30 };
const config = { ...BRIDGE_RECIPE.config, hidden: 32, steps: 120, rate: 3e-3, decay: 1, closeness };
const [fold] = foldsOf(pairsOf(40, 24), 4, 'test');
if (fold === undefined) throw new Error('no fold');
const { train, test } = fold;

describe('ridgeMap', () => {
  it('finds a linear map, and the mean where nothing is trusted', () => {
    const inputs = [
      [1, 0],
      [0, 1],
      [1, 1],
      [2, -1],
      [-1, 3],
    ].map((row) => Float32Array.from(row));
    const targets = inputs.map(([a = 0, b = 0]) => Float32Array.of(2 * a - b + 1, a + 3 * b));
    const near = ridgeMap(inputs, targets, 1e-6)(Float32Array.of(3, 2));
    expect(near[0]).toBeCloseTo(5, 3);
    expect(near[1]).toBeCloseTo(9, 3);
    const far = ridgeMap(inputs, targets, 1e9)(Float32Array.of(3, 2));
    expect(far[0]).toBeCloseTo(1.4, 3);
  });
});

describe('measures of synthesis', () => {
  it('have both numbers at their best for the real embeddings', () => {
    const { images, captions } = pairsOf(6, 12, 2);
    expect(
      measureVisual(
        images.map((image) => [image, image]),
        images,
      ).recallAt1,
    ).toBe(1);
    expect(
      measureVisual(
        images.map((image) => [image]),
        images,
      ).cosine,
    ).toBeCloseTo(1, 5);
    const own = captions.map(([first]) => [first ?? new Float32Array()]);
    expect(measureText(own.flat(), own)).toEqual({ cosine: expect.closeTo(1, 5), recallAt1: 1, candidates: 6 });
  });

  it('give a head that averages chance at most, however near it comes', () => {
    const mean = measureBaselines(train, test).mean.textToVisual;
    expect(mean.cosine).toBeGreaterThan(0.4);
    expect(mean.recallAt1).toBeLessThanOrEqual(1 / test.images.length);
  });
});

describe('trainBridge', () => {
  it('starts at the embedding moved across the gap', async () => {
    const start = await trainBridge(train, { ...config, steps: 0 }, 1);
    const gap = modalityGap(train.captions.flat(), train.images);
    const texts = test.captions.flat();
    const virtual = await applyBridge(start, BRIDGE.textToVisual, texts);
    expect(virtual.map(({ length }) => length)).toEqual(texts.map(({ length }) => length));
    for (const [i, text] of texts.entries()) {
      const moved = moveAcross(text, gap);
      for (const [k, value] of (virtual[i] ?? []).entries()) expect(value).toBeCloseTo(moved[k] as number, 5);
    }
  });

  it('comes nearer than the gap alone, still tells pairs apart, and gives the same numbers again', async () => {
    const params = await trainBridge(train, config, 1);
    const found = await measureBridge(params, test);
    const { 'gap-moved': moved, mean } = measureBaselines(train, test);
    for (const way of ['textToVisual', 'visualToText'] as const) {
      expect(found[way].cosine).toBeGreaterThan(moved[way].cosine);
      expect(found[way].recallAt1).toBeGreaterThan(4 * mean[way].recallAt1);
    }
    const again = await trainBridge(train, config, 1);
    for (const [name, values] of params) expect(again.get(name)).toEqual(values);
  });
});

describe('evaluateBridge', () => {
  const recipe = { config: { ...config, steps: 8 }, candidates: [1, 4], margin: 2, innerFolds: 2 };

  it('holds every pair out once, and chooses without the held-out ones', async () => {
    const pairs = pairsOf(12, 10);
    const folds = foldsOf(pairs, 3, 1, 'folds');
    expect(folds.flatMap((each) => each.test.images).length).toBe(12);
    for (const each of folds) {
      expect(each.train.images.some((image) => each.test.images.includes(image))).toBe(false);
      expect(each.train.images.length).toBe(8);
    }
    const fits: number[] = [];
    const result = await evaluateBridge(pairs, { recipe, folds: 3, seeds: [1, 2], onProgress: (n) => fits.push(n) });
    expect(fits.at(-1)).toBe(2 * 3 * (1 + 2 * 2));
    expect(result.chosen).toHaveLength(6);
    expect(result).toMatchObject({ pairs: 12, trainedOn: 8, candidates: 4, folds: 3 });
    expect(Object.keys(result.methods)).toEqual(['mean', 'raw', 'gap-moved', 'ridge', 'trained']);
    const again = await chooseCloseness(folds[0]?.train ?? pairs, recipe.config, {
      ...recipe,
      folds: 2,
      seed: 1,
    });
    expect(result.chosen[0]).toEqual(again);
    const text = formatBridge({ retrieval: retrieval(pairs), synthesis: result });
    expect(text.match(/trained /g)?.length).toBe(3);
    expect(text).toContain('R@1 of 4');
  });

  it('stops when told to', async () => {
    const stop = AbortSignal.abort();
    await expect(evaluateBridge(pairsOf(12, 10), { recipe, folds: 3, seeds: [1], signal: stop })).rejects.toThrow(
      /abort/,
    );
  });
});
