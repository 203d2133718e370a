import { describe, expect, it } from 'vitest';
import { random } from '../../../models/random.ts';
import { ADAMW, adamWState, adamWStep, blendInto, globalNorm } from '../../../training/engine/adamw.ts';

interface Reference {
  param: number;
  first: number;
  second: number;
}

/** One step of AdamW on one number in float64, as algorithm 2 of arXiv 1711.05101 writes it. */
function referenceStep(at: Reference, gradient: number, step: number, learningRate: number, decays: boolean): void {
  const { beta1, beta2, epsilon, weightDecay } = ADAMW;
  at.first = beta1 * at.first + (1 - beta1) * gradient;
  at.second = beta2 * at.second + (1 - beta2) * gradient ** 2;
  const first = at.first / (1 - beta1 ** step);
  const second = at.second / (1 - beta2 ** step);
  at.param -= learningRate * (first / (Math.sqrt(second) + epsilon) + (decays ? weightDecay * at.param : 0));
}

describe('AdamW', () => {
  it('follows the formula in float64 over 50 steps, decay and clipping included', () => {
    const draw = random('adamw test');
    const params = new Map(['w', 'b'].map((name) => [name, Float32Array.from({ length: 5 }, () => draw.normal())]));
    const wanted = new Map(
      [...params].map(([name, data]) => [name, Array.from(data, (param) => ({ param, first: 0, second: 0 }))]),
    );
    const state = adamWState(params, params.keys());
    for (let step = 1; step <= 50; step++) {
      const gradients = new Map([...params.keys()].map((name) => [name, new Float32Array(5).map(() => draw.normal())]));
      const learningRate = 0.1 / step;
      const gradientScale = step % 2 === 0 ? 0.25 : 1;
      adamWStep(params, gradients, state, ADAMW, { learningRate, gradientScale, decays: (name) => name === 'w' });
      for (const [name, values] of wanted)
        for (const [i, at] of values.entries())
          referenceStep(at, (gradients.get(name)?.[i] ?? 0) * gradientScale, step, learningRate, name === 'w');
    }
    for (const [name, values] of wanted)
      for (const [i, { param }] of values.entries()) expect(params.get(name)?.[i]).toBeCloseTo(param, 5);
    expect(state.step).toBe(50);
  });

  it('shrinks only what decays where there is no gradient', () => {
    const params = new Map(['w', 'b'].map((name) => [name, Float32Array.of(2)]));
    const none = new Map([...params.keys()].map((name) => [name, Float32Array.of(0)]));
    const config = { ...ADAMW, weightDecay: 0.5 };
    adamWStep(params, none, adamWState(params, params.keys()), config, {
      learningRate: 0.1,
      gradientScale: 1,
      decays: (name) => name === 'w',
    });
    expect([params.get('w')?.[0], params.get('b')?.[0]]).toEqual([Math.fround(1.9), 2]);
  });

  it('leaves a parameter without moments alone', () => {
    const params = new Map(['w', 'frozen'].map((name) => [name, Float32Array.of(1)]));
    const gradients = new Map([...params.keys()].map((name) => [name, Float32Array.of(1)]));
    const at = { learningRate: 0.1, gradientScale: 1, decays: () => true };
    adamWStep(params, gradients, adamWState(params, ['w']), ADAMW, at);
    expect(params.get('frozen')).toEqual(Float32Array.of(1));
    expect(params.get('w')).not.toEqual(Float32Array.of(1));
  });
});

it('measures the norm of all gradients together', () => {
  const two = [Float32Array.of(3, 0), Float32Array.of(4)];
  expect(globalNorm(new Map(two.map((data, i) => [`p${i}`, data])))).toBe(5);
  expect(globalNorm(new Map([['a', Float32Array.of(1, Number.NaN)]]))).toBeNaN();
});

it('blends a value into an average', () => {
  const average = Float32Array.of(1, 0);
  blendInto(average, Float32Array.of(0, 1), 0.75);
  expect(average).toEqual(Float32Array.of(0.75, 0.25));
});
