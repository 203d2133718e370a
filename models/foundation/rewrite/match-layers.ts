import type { NodeProto } from '../../graph/onnx/gen/onnx_pb.ts';
import type { LinearLayer, NormLayer } from '../vit/vision-transformer.ts';
import { intAttribute, transposed, type GraphView } from './graph-view.ts';
import { unrecognised } from './unrecognised.ts';

export interface Matched<Layer> {
  readonly layer: Layer;
  /** The value that goes into the layer. */
  readonly input: string;
}

/** A linear layer that makes `value`: MatMul, with or without Add, or Gemm. */
export function matchLinear(view: GraphView, value: string | undefined, what: string): Matched<LinearLayer> {
  const node = view.producer(value);
  if (node?.opType === 'Add') {
    const [bias, product] = constantFirst(view, node, what);
    const matched = matchLinear(view, product, what);
    if (matched.layer.bias !== undefined) throw unrecognised(`${what} with one bias`, node);
    const layer = { ...matched.layer, bias: view.floats(bias, `the bias of ${what}`, [matched.layer.output]) };
    return { ...matched, layer };
  }
  if (node?.opType === 'MatMul') return { layer: stored(view, node.input[1], what), input: view.source(node.input[0]) };
  if (node?.opType !== 'Gemm' || intAttribute(node, 'transA', 0) !== 0 || hasScale(node))
    throw unrecognised(`${what} (MatMul, or Gemm)`, node);
  const plain = stored(view, node.input[1], what);
  const turned = intAttribute(node, 'transB', 0) === 1 ? transposedLayer(plain) : plain;
  const bias = node.input[2];
  const layer =
    bias === undefined || bias === ''
      ? turned
      : { ...turned, bias: view.floats(bias, `the bias of ${what}`, [turned.output]) };
  return { layer, input: view.source(node.input[0]) };
}

/** Layer normalisation that makes `value`, as one node or as the nodes that opsets before 17 need for it. */
export function matchNorm(view: GraphView, value: string | undefined, what: string): Matched<NormLayer> {
  const node = view.producer(value);
  if (node?.opType === 'LayerNormalization') {
    const epsilon = node.attribute.find(({ name }) => name === 'epsilon')?.f ?? 1e-5;
    if (intAttribute(node, 'axis', -1) !== -1) throw unrecognised(`${what}, of single tokens`, node);
    const layer = normLayer(view, node.input[1], node.input[2], epsilon, what);
    return { layer, input: view.source(node.input[0]) };
  }
  const plain = node?.opType === 'Mul';
  const [offset, scaled] = plain ? [undefined, value] : constantFirst(view, expect(view, value, 'Add', what), what);
  const [gain, normal] = constantFirst(view, expect(view, scaled, 'Mul', what), what);
  const division = expect(view, normal, 'Div', what);
  const centred = expect(view, division.input[0], 'Sub', what);
  const root = input(view, division.input[1], 'Sqrt', what);
  const [epsilon, variance] = constantFirst(view, expect(view, root, 'Add', what), what);
  const squares = expect(view, input(view, variance, 'ReduceMean', what), 'Pow', what);
  const mean = expect(view, centred.input[1], 'ReduceMean', what);
  const from = view.source(centred.input[0]);
  const whole =
    view.scalar(squares.input[1]) === 2 &&
    view.source(squares.input[0]) === view.source(division.input[0]) &&
    view.source(mean.input[0]) === from;
  const floor = view.scalar(epsilon);
  if (!whole || floor === undefined) throw unrecognised(what, squares);
  return { layer: normLayer(view, gain, offset, floor, what), input: from };
}

/** A norm of stored values; without an offset it is zero. */
function normLayer(
  view: GraphView,
  gain: string | undefined,
  offset: string | undefined,
  epsilon: number,
  what: string,
): NormLayer {
  const gains = view.floats(gain, what);
  const offsets =
    offset === undefined || offset === '' ? new Float32Array(gains.length) : view.floats(offset, what, [gains.length]);
  return { gain: gains, offset: offsets, epsilon };
}

/** The two inputs of a node, the stored one first. @throws UndertoneError `rewrite_unrecognised` where none is stored */
function constantFirst(view: GraphView, node: NodeProto, what: string): [string, string] {
  const [a = '', b = ''] = node.input;
  if (view.constant(a) !== undefined) return [a, b];
  if (view.constant(b) !== undefined) return [b, a];
  throw unrecognised(`${what} with stored weights`, node);
}

/** The node that makes a value, of a certain operator. */
export function expect(view: GraphView, value: string | undefined, op: string, what: string): NodeProto {
  const node = view.producer(value);
  if (node?.opType === op) return node;
  throw unrecognised(`${what} (${op})`, node ?? (value === undefined || value === '' ? undefined : value));
}

function input(view: GraphView, value: string | undefined, op: string, what: string): string {
  return expect(view, value, op, what).input[0] ?? '';
}

function stored(view: GraphView, name: string | undefined, what: string): LinearLayer {
  const dims = view.constant(name)?.dims ?? [];
  const weight = view.floats(name, `the weight of ${what}`);
  const [rows, columns] = dims;
  if (dims.length !== 2 || rows === undefined || columns === undefined)
    throw unrecognised(`${what} with a matrix`, `a weight of [${dims.join(', ')}]`);
  return { input: rows, output: columns, weight };
}

function transposedLayer({ input: rows, output: columns, weight }: LinearLayer): LinearLayer {
  return { input: columns, output: rows, weight: transposed(weight, rows, columns) };
}

function hasScale(node: NodeProto): boolean {
  return node.attribute.some(({ name, f }) => (name === 'alpha' || name === 'beta') && f !== 1);
}
