import { describe, expect, it } from 'vitest';
import type { Graph, Value } from '../../../models/graph/graph.ts';
import * as op from '../../../models/graph/ops/index.ts';
import { RULES } from '../../../training/autodiff/rules/index.ts';
import { gradientError, type GradientCase } from './gradient-check.ts';

const TOLERANCE = 2e-3;
/** onnxruntime has no convolution in float64, normalises layers with statistics in float32, and fills in float32. */
const IN_SINGLE_ONLY = /^(conv|layer norm|embedding)/;
const checked = new Set<string>();

/** A case over one input [2, 3, 4] that a unary operator maps. */
const unary = (apply: (g: Graph, x: Value) => Value, range: Partial<GradientCase> = {}): GradientCase => ({
  inputs: [[2, 3, 4]],
  build: (g, [x]) => apply(g, x as Value),
  ...range,
});
const binary = (
  apply: (g: Graph, a: Value, b: Value) => Value,
  a: number[],
  b: number[],
  range = {},
): GradientCase => ({
  inputs: [a, b],
  build: (g, [x, y]) => apply(g, x as Value, y as Value),
  ...range,
});
const positive = { low: 0.5, high: 2 };

function conv(size: number, kernel: number, stride: number, padding: number, withBias = true): GradientCase {
  return {
    inputs: [[2, 3, size, size], [4, 3, kernel, kernel], ...(withBias ? [[4]] : [])],
    build: (g, [x, w, b]) =>
      op.conv2d(g, x as Value, withBias ? { w: w as Value, b: b as Value } : { w: w as Value }, { stride, padding }),
  };
}

const CASES: Record<string, GradientCase> = {
  'add, same shape': binary(op.add, [2, 3], [2, 3]),
  'add, row': binary(op.add, [2, 3], [3]),
  'add, column and scalar rank': binary(op.add, [2, 1, 4], [3, 1]),
  'sub, broadcast left': binary(op.sub, [3], [2, 3]),
  'mul, broadcast both': binary(op.mul, [2, 1, 4], [3, 4]),
  'mul of a value by itself': unary(op.square),
  'div, broadcast': binary(op.div, [2, 3], [2, 1], positive),
  neg: unary(op.neg),
  exp: unary(op.exp),
  log: unary(op.log, positive),
  sqrt: unary(op.sqrt, positive),
  tanh: unary(op.tanh),
  sigmoid: unary(op.sigmoid),
  relu: unary(op.relu, { low: 0.1 }),
  'relu, negative side': unary(op.relu, { high: -0.1 }),
  gelu: unary(op.gelu),
  'clip, inside': unary((g, x) => op.clip(g, x, -2, 2)),
  'clip, outside': unary((g, x) => op.clip(g, x, -0.2, 0.2), { low: 0.3 }),
  'affine of a number': unary((g, x) => op.complement(g, op.shift(g, op.scale(g, x, 3), 1))),
  reshape: unary((g, x) => op.reshape(g, x, [6, 4])),
  transpose: unary((g, x) => op.transpose(g, x, [2, 0, 1])),
  'concat, middle axis': binary((g, a, b) => op.concat(g, [a, b, a], 1), [2, 1, 3], [2, 2, 3]),
  'slice, inner': unary((g, x) => op.slice(g, x, 2, 1, 3)),
  select: unary((g, x) => op.select(g, x, 1, 2)),
  unsqueeze: unary(op.unsqueeze),
  expand: { inputs: [[2, 1, 3]], build: (g, [x]) => op.expand(g, x as Value, [2, 4, 3]) },
  'pad, two axes': unary((g, x) => op.pad(g, x, [0, 1, 0], [0, 2, 1])),
  'sum, one axis': unary((g, x) => op.sum(g, x, [1])),
  'sum, two axes kept': unary((g, x) => op.sum(g, x, [0, 2], true)),
  'mean, last axis': unary((g, x) => op.mean(g, x, [-1])),
  'mean of all': unary(op.meanAll),
  softmax: unary(op.softmax),
  logSoftmax: unary(op.logSoftmax),
  'l2 normalise': unary(op.l2Normalize),
  'layer norm': {
    inputs: [[3, 5], [5], [5]],
    build: (g, [x, gain, offset]) => op.layerNorm(g, x as Value, gain as Value, offset as Value),
  },
  'masked mean': {
    inputs: [
      [2, 3, 4],
      [2, 3],
    ],
    build: (g, [x, mask]) => op.maskedMean(g, x as Value, mask as Value),
    ...positive,
  },
  'batch norm, batch statistics': {
    inputs: [[3, 2, 2, 2], [2], [2]],
    build: (g, [x, gain, offset]) => {
      const statistics = {
        mean: g.constant(Float32Array.of(0, 0), [2]),
        variance: g.constant(Float32Array.of(1, 1), [2]),
      };
      return op.batchNorm(g, x as Value, { gain: gain as Value, offset: offset as Value, ...statistics });
    },
  },
  'matMul, 2-D': binary(op.matMul, [3, 4], [4, 2]),
  'matMul, 3-D by 2-D': binary(op.matMul, [2, 3, 4], [4, 2]),
  'matMul, batched': binary(op.matMul, [2, 3, 4], [2, 4, 2]),
  'matMul, batch broadcast': binary(op.matMul, [2, 2, 3, 4], [2, 4, 2]),
  linear: {
    inputs: [[2, 3, 4], [4, 2], [2]],
    build: (g, [x, w, b]) => op.linear(g, x as Value, { w: w as Value, b: b as Value }),
  },
  'conv 3x3': conv(5, 3, 1, 1),
  'conv 3x3, stride 2, even': conv(6, 3, 2, 1),
  'conv 3x3, stride 2, odd': conv(5, 3, 2, 1, false),
  'conv 4x4, stride 4, no padding': conv(8, 4, 4, 0),
  'conv 1x1': conv(3, 1, 1, 0),
  'embedding with repeated ids': {
    inputs: [[5, 3]],
    build: (g, [table]) => op.embed(g, table as Value, g.constant(BigInt64Array.of(1n, 4n, 1n, 0n, 1n, 2n), [2, 3])),
  },
};

describe('gradients agree with finite differences', () => {
  it.each(Object.entries(CASES))('%s', async (_, given) => {
    const spied: GradientCase = {
      ...given,
      build: (g, inputs) => {
        const y = given.build(g, inputs);
        for (const node of g.nodes) checked.add(node.op);
        return y;
      },
    };
    expect(await gradientError(spied)).toBeLessThan(TOLERANCE);
  });

  it.each(Object.entries(CASES).filter(([name]) => !IN_SINGLE_ONLY.test(name)))('%s, in float64', async (_, given) => {
    expect(await gradientError(given, 'float64')).toBeLessThan(1e-7);
  });

  it('notices a wrong rule', async () => {
    const right = CASES['tanh'] as GradientCase;
    const wrong: GradientCase = {
      ...right,
      build: (g, [x]) => op.add(g, x as Value, op.stopGradient(g, op.tanh(g, x as Value))),
    };
    expect(await gradientError(wrong)).toBeGreaterThan(TOLERANCE);
  });

  it('leaves no rule untested', () => {
    expect([...RULES.keys()].filter((name) => !checked.has(name))).toEqual([]);
  });
});
