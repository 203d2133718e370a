import { describe, expect, it } from 'vitest';
import { random } from '../../../models/random.ts';
import { adamWState, adamWStep, blendInto, globalNorm } from '../../../training/engine/adamw.ts';

const CONFIG = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1 };

describe('AdamW', () => {
  it.each([
    ['with decay', true, 1],
    ['without decay', false, 1],
    ['with clipped gradients', true, 0.25],
  ])('follows its formula in float64 over 50 steps, %s', (_, decays, gradientScale) => {
    const draw = random('adamw');
    const start = Array.from({ length: 20 }, () => draw.normal());
    const params = new Map([['w', Float32Array.from(start)]]);
    const state = adamWState(params, ['w']);
    const wanted = [...start];
    const first = start.map(() => 0);
    const second = start.map(() => 0);
    for (let t = 1; t <= 50; t++) {
      const gradient = Float32Array.from(start, () => draw.normal());
      const learningRate = 0.01 / t;
      adamWStep(params, new Map([['w', gradient]]), state, CONFIG, {
        learningRate,
        gradientScale,
        decays: () => decays,
      });
      for (const [i, raw] of gradient.entries()) {
        const g = raw * gradientScale;
        first[i] = 0.9 * (first[i] ?? 0) + 0.1 * g;
        second[i] = 0.95 * (second[i] ?? 0) + 0.05 * g * g;
        const step = (first[i] ?? 0) / (1 - 0.9 ** t) / (Math.sqrt((second[i] ?? 0) / (1 - 0.95 ** t)) + 1e-8);
        wanted[i] = (wanted[i] ?? 0) * (decays ? 1 - learningRate * 0.1 : 1) - learningRate * step;
      }
    }
    expect(state.step).toBe(50);
    for (const [i, value] of wanted.entries()) expect(params.get('w')?.[i]).toBeCloseTo(value, 5);
  });

  it('leaves parameters without a gradient as they are', () => {
    const params = new Map([
      ['a', Float32Array.of(1)],
      ['b', Float32Array.of(1)],
    ]);
    const at = { learningRate: 0.1, gradientScale: 1, decays: () => true };
    adamWStep(params, new Map([['a', Float32Array.of(1)]]), adamWState(params, ['a', 'b']), CONFIG, at);
    expect(params.get('a')?.[0]).toBeLessThan(1);
    expect(params.get('b')?.[0]).toBe(1);
  });
});

it('measures the norm of all gradients together', () => {
  expect(
    globalNorm(
      new Map([
        ['a', Float32Array.of(3, 0)],
        ['b', Float32Array.of(-4)],
      ]),
    ),
  ).toBe(5);
  expect(globalNorm(new Map([['a', Float32Array.of(1, Number.NaN)]]))).toBeNaN();
});

it('averages with the weight of the past', () => {
  const average = Float32Array.of(1, 2);
  blendInto(average, Float32Array.of(5, 2), 0.75);
  expect([...average]).toEqual([2, 2]);
});
