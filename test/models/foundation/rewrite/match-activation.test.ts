import { expect, test } from 'vitest';
import { GraphView } from '../../../../models/foundation/rewrite/graph-view.ts';
import { matchActivation } from '../../../../models/foundation/rewrite/match-activation.ts';
import { OnnxBuilder } from '../../../../models/graph/onnx/onnx-builder.ts';

/** What is written behind a product `x`, as the nodes of an exporter. */
type Written = (n: (op: string, ...inputs: (string | number)[]) => string, x: string) => string;

function match(write: Written): ReturnType<typeof matchActivation> & { readonly x: string } {
  const b = new OnnxBuilder();
  const x = b.node('MatMul', ['input', b.tensor('weight', [4, 4], new Float32Array(16))]);
  const node = (op: string, ...inputs: (string | number)[]): string =>
    b.node(
      op,
      inputs.map((input) => (typeof input === 'number' ? b.scalar(input) : input)),
    );
  const value = write(node, x);
  const bytes = b.build({
    name: 'activation',
    opset: 20,
    inputs: [{ name: 'input', type: 'float32', shape: ['N', 4] }],
    outputs: [{ name: value, type: 'float32', shape: ['N', 4] }],
  });
  return { ...matchActivation(new GraphView(bytes), value), x };
}

const ROOT = Math.sqrt(2 / Math.PI);

test.each<[string, 'quick_gelu' | 'gelu' | 'gelu_tanh', Written]>([
  ['x s(1.702 x)', 'quick_gelu', (n, x) => n('Mul', x, n('Sigmoid', n('Mul', x, 1.702)))],
  ['s(1.702 x) x', 'quick_gelu', (n, x) => n('Mul', n('Sigmoid', n('Mul', 1.702, x)), x)],
  ['z s(z) / 1.702', 'quick_gelu', (n, x) => n('Div', quick(n, n('Mul', x, 1.702)), 1.702)],
  ['x / (1 + e^-1.702x)', 'quick_gelu', (n, x) => n('Div', x, n('Add', 1, n('Exp', n('Mul', x, -1.702))))],
  ['x (1 + erf(x / √2)) / 2', 'gelu', (n, x) => n('Mul', n('Mul', x, n('Add', erf(n, x), 1)), 0.5)],
  ['(x / 2) (1 + erf(x / √2))', 'gelu', (n, x) => n('Mul', n('Mul', x, 0.5), n('Add', erf(n, x), 1))],
  ['erf of a product', 'gelu', (n, x) => n('Mul', n('Mul', 0.5, x), n('Add', 1, n('Erf', n('Mul', x, Math.SQRT1_2))))],
  ['one node', 'gelu', (n, x) => n('Gelu', x)],
  ['a cube by Pow', 'gelu_tanh', (n, x) => tanh(n, x, n('Pow', x, 3))],
  ['a cube by products', 'gelu_tanh', (n, x) => tanh(n, x, n('Mul', n('Mul', x, x), x))],
  [
    'x taken out',
    'gelu_tanh',
    (n, x) => {
      const inner = n('Add', 1, n('Mul', n('Mul', x, 0.044715), x));
      return n('Mul', n('Mul', 0.5, x), n('Add', 1, n('Tanh', n('Mul', n('Mul', x, ROOT), inner))));
    },
  ],
])('%s is %s', (_, layer, write) => {
  const found = match(write);
  expect(found.layer).toBe(layer);
  expect(found.input).toBe(found.x);
});

test.each<[string, Written]>([
  ['none', (_, x) => x],
  ['SiLU', (n, x) => quick(n, x)],
  ['another factor', (n, x) => n('Mul', x, n('Sigmoid', n('Mul', x, 1.6)))],
  ['an operator that is not known', (n, x) => n('Mul', x, n('Sigmoid', n('Relu', x)))],
  ['two values', (n, x) => n('Mul', x, n('Sigmoid', n('Mul', 'input', 1.702)))],
])('refuses %s', (_, write) => {
  expect(() => match(write)).toThrow(expect.objectContaining({ code: 'rewrite_unrecognised' }));
});

function quick(n: Parameters<Written>[0], z: string): string {
  return n('Mul', z, n('Sigmoid', z));
}

function erf(n: Parameters<Written>[0], x: string): string {
  return n('Erf', n('Div', x, Math.SQRT2));
}

function tanh(n: Parameters<Written>[0], x: string, cube: string): string {
  const sum = n('Add', x, n('Mul', cube, 0.044715));
  return n('Mul', n('Mul', 0.5, x), n('Add', n('Tanh', n('Mul', sum, ROOT)), 1));
}
