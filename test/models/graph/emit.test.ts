import { assert, float, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Graph } from '../../../models/graph/graph.ts';
import { emitOnnx } from '../../../models/graph/onnx/emit.ts';
import { toFloat16 } from '../../../models/graph/onnx/float16.ts';
import { readOnnx } from '../../../models/graph/onnx/read.ts';
import { readParams } from '../../../models/graph/onnx/read-params.ts';
import * as op from '../../../models/graph/ops/index.ts';
import { bias, countParams, declare, initParams, statistic, weight } from '../../../models/graph/param.ts';
import type { TensorData } from '../../../models/runtime/session.ts';
import { floats, outputsOf, runGraph } from '../../support/run-graph.ts';

/** Two layers, with a branch that no output needs. */
function small(): Graph {
  const g = new Graph();
  const x = g.input('x', ['N', 40]);
  const p = declare(g, { w: weight([40, 40], 0.2), b: bias([40], 0.5), unused: weight([40, 9], 1) }, 'net');
  const y = op.linear(g, x, p);
  op.add(g, op.exp(g, op.matMul(g, y, p.unused)), g.input('unused', [1, 9]));
  g.output('y', y);
  g.output('z', op.scale(g, op.softmax(g, y), 7));
  return g;
}

const numbers = (tensor: TensorData | undefined): number[] => Array.from((tensor?.data ?? []) as ArrayLike<number>);

describe('emitOnnx', () => {
  it('leaves out nodes, inputs, parameters and constants that no output needs', () => {
    const g = small();
    const { inputs, initializers, ops } = readOnnx(emitOnnx(g, { params: initParams(g, 1) }));
    expect(inputs.map(({ name }) => name)).toEqual(['x']);
    expect(initializers.map(({ name }) => name)).toEqual(['const_0', 'net.w', 'net.b']);
    expect(ops).toEqual({ MatMul: 1, Add: 1, Softmax: 1, Mul: 1, Identity: 2 });
  });

  it('writes some of the outputs, with what they need', () => {
    const { outputs, ops } = readOnnx(emitOnnx(small(), { outputs: ['y'] }));
    expect(outputs.map(({ name }) => name)).toEqual(['y']);
    expect(ops).toEqual({ MatMul: 1, Add: 1, Identity: 1 });
  });

  it('takes parameters as inputs where no values are given', () => {
    expect(readOnnx(emitOnnx(small())).inputs.map(({ name }) => name)).toEqual(['x', 'net.w', 'net.b']);
  });

  it.each([1, 2, 7])('gives a row the same result in a batch of %i', async (rows) => {
    const g = small();
    const params = initParams(g, 1);
    const row = Float32Array.from({ length: 40 }, (_, i) => Math.sin(i));
    const batch = Float32Array.from({ length: 40 * rows }, (_, i) => (i < 40 ? Math.sin(i) : Math.cos(i)));
    const { y: alone } = await runGraph(g, { x: floats(row, [1, 40]) }, { params });
    const { y, z } = await runGraph(g, { x: floats(batch, [rows, 40]) }, { params });
    expect(z?.dims).toEqual([rows, 40]);
    for (let i = 0; i < 40; i++) expect(y?.data[i]).toBeCloseTo(Number(alone?.data[i]), 5);
  });

  it('computes one way of a conditional, with what it takes from outside', async () => {
    const g = new Graph();
    const x = g.input('x', ['N']);
    const { w } = declare(g, { w: bias([1], 3) }, 'net');
    const outside = op.scale(g, x, 10);
    const sum = g.record('ReduceSum', [x, g.ints([0])], [], { keepdims: { int: 0 } });
    const positive = g.record('Greater', [sum, g.scalar(0)], [], {}, 'bool');
    // Where the other way were computed, the reshape to two values would fail.
    const yes = () => op.mul(g, outside, w);
    const no = () => op.exp(g, g.record('Reshape', [x, g.ints([2])], [2]));
    g.output('y', g.choose(positive, ['N'], { yes, no }));
    const params = initParams(g, 1);
    expect(readOnnx(emitOnnx(g, { params })).inputs.map(({ name }) => name)).toEqual(['x']);
    const run = async (values: number[]): Promise<number[]> =>
      numbers((await runGraph(g, { x: floats(Float32Array.from(values), [values.length]) }, { params })).y);
    expect(await run([1, 2, -1])).toEqual([30, 60, -30]);
    expect(await run([0, 0])).toEqual([1, 1]);
    expect(() => new Graph({ training: true }).choose(positive, ['N'], { yes, no })).toThrow('no conditionals');
  });

  it('stores equal constants once', async () => {
    const g = new Graph();
    const x = g.input('x', [3]);
    const found = await outputsOf(
      g,
      { y: op.shift(g, op.scale(g, op.shift(g, x, 2), 2), 3) },
      { x: floats([1, 2, 3], [3]) },
    );
    expect(g.constants.size).toBe(2);
    expect(found['y']).toEqual([9, 11, 13]);
  });

  it.each([
    ['float16', 0.56, 2 ** -11],
    ['int8', 0.4, 1 / 254],
  ] as const)(
    'stores large weights as %s, and moves the result by no more than their rounding does',
    async (weights, size, step) => {
      const g = small();
      const params = initParams(g, 1);
      const [whole, stored] = ([undefined, weights] as const).map((how) =>
        emitOnnx(g, { params, ...(how && { weights: how }) }),
      );
      expect(stored?.length).toBeLessThan(size * (whole?.length ?? 0));
      const feeds = { x: floats(new Float32Array(80).fill(1), [2, 40]) };
      const [a, b] = await Promise.all([runGraph(g, feeds, { params }), runGraph(g, feeds, { params, weights })]);
      const bound = 40 * 0.2 * 4 * step;
      const largest = Math.max(...numbers(a['y']).map((v, i) => Math.abs(v - Number(b['y']?.data[i]))));
      expect(largest).toBeGreaterThan(0);
      expect(largest).toBeLessThan(bound);
    },
  );

  // Values below 2: exact, 11 bits of them, and half a step of a row's largest in 127.
  it.each([
    ['float32', 0],
    ['float16', 2 ** -11],
    ['int8', 0.004],
  ] as const)('reads back what it stored as %s', (weights, within) => {
    const g = small();
    const params = initParams(g, 1);
    params.get('net.w')?.fill(0, 40, 80);
    const read = readParams(emitOnnx(g, { params, weights }));
    expect([...read.keys()]).toEqual(['net.w', 'net.b']);
    for (const [name, values] of read) {
      const before = params.get(name) ?? new Float32Array();
      expect(values).toHaveLength(before.length);
      for (const [i, value] of values.entries()) expect(Math.abs(value - (before[i] ?? 0))).toBeLessThanOrEqual(within);
    }
  });

  it.each([
    ['missing', new Map<string, Float32Array>()],
    [
      'of another size',
      new Map([
        ['net.w', new Float32Array(3)],
        ['net.b', new Float32Array(40)],
      ]),
    ],
  ])('refuses values that are %s', (_, params) => {
    expect(() => emitOnnx(small(), { params })).toThrow(expect.objectContaining({ code: 'graph_params' }));
  });
});

describe('batch normalisation', () => {
  it('gives the statistics of the batch when training, and uses the running ones otherwise', async () => {
    const spec = { gain: bias([2], 3), offset: bias([2], 1), mean: statistic([2], 5), variance: statistic([2], 4) };
    const x = { x: floats([1, 3, 10, 30, 5, 7, 50, 70], [2, 2, 1, 2]) };
    const trained = new Graph({ training: true });
    op.batchNorm(trained, trained.input('x', [2, 2, 1, 2]), declare(trained, spec, 'norm'));
    const [mean, variance] = [...trained.statistics.values()];
    if (mean !== undefined) trained.output('mean', mean);
    if (variance !== undefined) trained.output('variance', variance);
    const statistics = await runGraph(trained, x, { params: initParams(trained, 1) });
    expect([...trained.statistics.keys()]).toEqual(['norm.mean', 'norm.variance']);
    expect(numbers(statistics['mean'])).toEqual([4, 40]);
    expect(numbers(statistics['variance'])).toEqual([5, 500]);

    const g = new Graph();
    g.output('y', op.batchNorm(g, g.input('x', ['N', 2, 1, 2]), declare(g, spec, 'norm')));
    const { y } = await runGraph(g, x, { params: initParams(g, 1) });
    expect(y?.data[0]).toBeCloseTo((3 * (1 - 5)) / Math.sqrt(4 + 1e-5) + 1, 4);
    expect(y?.data[3]).toBeCloseTo((3 * (30 - 5)) / Math.sqrt(4 + 1e-5) + 1, 4);
  });
});

describe('parameters', () => {
  it('start from the seed and their own name, whatever else the graph holds', () => {
    const alone = new Graph();
    declare(alone, { w: weight([40, 40], 0.2) }, 'net');
    const [a, b, other] = [initParams(small(), 1), initParams(alone, 1), initParams(alone, 2)];
    expect(a.get('net.w')).toEqual(b.get('net.w'));
    expect(a.get('net.w')).not.toEqual(other.get('net.w'));
    expect(a.get('net.b')).toEqual(new Float32Array(40).fill(0.5));
  });

  it('are drawn with the given deviation', () => {
    const values = initParams(small(), 1).get('net.w') ?? new Float32Array();
    const deviation = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
    expect(deviation).toBeCloseTo(0.2, 1);
  });

  it('count without statistics', () => {
    const g = small();
    g.param('running', statistic([7], 0));
    expect(countParams(g)).toBe(40 * 40 + 40 + 40 * 9);
  });
});

describe('half precision', () => {
  it('rounds to the nearest, ties to even', () => {
    const cases = { 0: 0, 1: 0x3c00, '-2': 0xc000, 65504: 0x7bff, 65520: 0x7c00, 5.960464477539063e-8: 1, 2.9e-8: 0 };
    for (const [value, bits] of Object.entries(cases)) expect(toFloat16(Number(value)), value).toBe(bits);
    expect(toFloat16(1 + 2 ** -11)).toBe(0x3c00);
    expect(toFloat16(1 + 3 * 2 ** -11)).toBe(0x3c02);
    expect(toFloat16(Number.NaN) & 0x7fff).toBe(0x7e00);
  });

  it('is within half a unit in the last place', () => {
    assert(
      property(float({ min: -65504, max: 65504, noNaN: true }), (value) => {
        const bits = toFloat16(value);
        const exponent = (bits >> 10) & 31;
        const fraction = bits & 1023;
        const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
        const unit = 2 ** (Math.max(exponent, 1) - 25);
        expect(Math.abs(Math.abs(value) - size)).toBeLessThanOrEqual(unit / 2);
        expect(bits >> 15).toBe(Number(value < 0 || Object.is(value, -0)));
      }),
    );
  });
});
