import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinOutputs } from '../../../../models/foundation/vit/join-outputs.ts';
import { quantiseWeight } from '../../../../models/foundation/rewrite/quantise-weight.ts';

const matrix = fc
  .record({ input: fc.integer({ min: 1, max: 6 }), output: fc.integer({ min: 1, max: 6 }) })
  .chain(({ input, output }) =>
    fc
      .array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: input * output, maxLength: input * output })
      .map((values) => ({ input, output, weight: Float32Array.from(values) })),
  );

describe('quantiseWeight', () => {
  it('is off by at most half a step of its own output', () => {
    fc.assert(
      fc.property(matrix, (layer) => {
        const { values, scales } = quantiseWeight(layer);
        for (const [at, value] of layer.weight.entries()) {
          const step = scales[at % layer.output] as number;
          expect(Math.abs((values[at] as number) * step - value)).toBeLessThanOrEqual(step * 0.5001 + 1e-12);
        }
      }),
    );
  });

  it('keeps zeros, and uses the whole range of each output that no processor cuts off', () => {
    const { values, scales } = quantiseWeight({ input: 2, output: 3, weight: Float32Array.of(0, 1, -200, 0, -2, 100) });
    expect([...values]).toEqual([0, 32, -64, 0, -64, 32]);
    expect(scales.every((scale) => scale > 0)).toBe(true);
  });
});

describe('joinOutputs', () => {
  it('puts layers of one input side by side, a missing bias as zeros', () => {
    const a = { input: 2, output: 1, weight: Float32Array.of(1, 2), bias: Float32Array.of(9) };
    const b = { input: 2, output: 2, weight: Float32Array.of(3, 4, 5, 6) };
    const joined = joinOutputs([a, b]);
    expect(joined).toMatchObject({ input: 2, output: 3 });
    expect([...joined.weight]).toEqual([1, 3, 4, 2, 5, 6]);
    expect([...(joined.bias ?? [])]).toEqual([9, 0, 0]);
  });
});
