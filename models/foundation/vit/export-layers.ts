import type { OnnxBuilder } from '../../graph/onnx/onnx-builder.ts';
import {
  QUICK_GELU,
  type Activation,
  type FeedLayers,
  type LinearLayer,
  type NormLayer,
} from './vision-transformer.ts';

/** Activations in their parts, as products around a sigmoid, erf or tanh. */
const ACTIVATION: Readonly<Record<Activation, (b: OnnxBuilder, x: string) => string>> = {
  quick_gelu: quickGelu,
  gelu: erfGelu,
  gelu_tanh: tanhGelu,
};

export function linear(b: OnnxBuilder, x: string, { input, output, weight, bias }: LinearLayer, name: string): string {
  const product = b.node(
    'MatMul',
    [x, b.tensor(`onnx::MatMul_${name}`, [input, output], weight)],
    {},
    { name: `${name}/MatMul_output_0` },
  );
  return bias === undefined
    ? product
    : b.node('Add', [b.tensor(`${name}.bias`, [output], bias), product], {}, { name: `${name}/Add_output_0` });
}

export function feedForward(
  b: OnnxBuilder,
  x: string,
  { up, down }: FeedLayers,
  activation: Activation,
  name: string,
): string {
  const active = ACTIVATION[activation](b, linear(b, x, up, `${name}/mlp/fc1`));
  return linear(b, active, down, `${name}/mlp/fc2`);
}

export function norm(b: OnnxBuilder, x: string, { gain, offset, epsilon }: NormLayer, name: string): string {
  const axes = { axes: { ints: [-1] } };
  const centred = b.node('Sub', [x, b.node('ReduceMean', [x], axes)]);
  const squares = b.node('Pow', [centred, b.scalar(2)]);
  const deviation = b.node('Sqrt', [b.node('Add', [b.node('ReduceMean', [squares], axes), b.scalar(epsilon)])]);
  const scaled = b.node('Mul', [b.node('Div', [centred, deviation]), b.tensor(`${name}.weight`, [gain.length], gain)]);
  return b.node(
    'Add',
    [scaled, b.tensor(`${name}.bias`, [offset.length], offset)],
    {},
    { name: `${name}/Add_1_output_0` },
  );
}

function quickGelu(b: OnnxBuilder, x: string): string {
  return b.node('Mul', [x, b.node('Sigmoid', [b.node('Mul', [x, b.scalar(QUICK_GELU)])])]);
}

function erfGelu(b: OnnxBuilder, x: string): string {
  const erf = b.node('Erf', [b.node('Div', [x, b.scalar(Math.SQRT2)])]);
  return b.node('Mul', [b.node('Mul', [x, b.node('Add', [erf, b.scalar(1)])]), b.scalar(0.5)]);
}

function tanhGelu(b: OnnxBuilder, x: string): string {
  const cube = b.node('Mul', [b.node('Mul', [x, x]), x]);
  const sum = b.node('Add', [x, b.node('Mul', [cube, b.scalar(0.044715)])]);
  const tanh = b.node('Tanh', [b.node('Mul', [sum, b.scalar(Math.sqrt(2 / Math.PI))])]);
  return b.node('Mul', [b.node('Mul', [x, b.scalar(0.5)]), b.node('Add', [tanh, b.scalar(1)])]);
}

/** One dimension of a tensor's shape, as a scalar. */
export function dimension(b: OnnxBuilder, x: string, axis: number, name: string): string {
  return b.node('Gather', [b.node('Shape', [x]), b.tensor(`${name}/axis`, [], BigInt64Array.of(BigInt(axis)))], {
    axis: { int: 0 },
  });
}

/** The target of a Reshape or Expand: numbers, and scalars that the graph computed, put together. */
export function target(b: OnnxBuilder, parts: readonly (string | number)[]): string {
  const vectors = parts.map((part) =>
    typeof part === 'number' ? b.ints(part) : b.node('Unsqueeze', [part, b.ints(0)]),
  );
  return b.node('Concat', vectors, { axis: { int: 0 } });
}
