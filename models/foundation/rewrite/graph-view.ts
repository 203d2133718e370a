import { fromBinary } from '@bufbuild/protobuf';
import { ONNX_TYPE } from '../../graph/onnx/element-type.ts';
import { ModelProtoSchema, type GraphProto, type NodeProto, type TensorProto } from '../../graph/onnx/gen/onnx_pb.ts';
import { EXTERNAL, typeName } from '../../graph/onnx/read.ts';
import { UndertoneError } from '../../errors.ts';
import { unrecognised } from './unrecognised.ts';

export interface ConstantTensor {
  readonly dims: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

/** An exported graph as matching reads it: backwards, from a value to the node that makes it. */
export class GraphView {
  readonly graph: GraphProto;
  readonly #producers: Map<string, NodeProto>;
  readonly #tensors: Map<string, TensorProto>;
  readonly #constants = new Map<string, ConstantTensor>();
  readonly #uncut: boolean;

  /** @throws UndertoneError `onnx_unreadable` */
  constructor(from: Uint8Array | GraphView) {
    this.#uncut = from instanceof GraphView;
    if (from instanceof GraphView) {
      this.graph = from.graph;
      this.#producers = from.#producers;
      this.#tensors = from.#tensors;
      return;
    }
    this.#producers = new Map();
    this.#tensors = new Map();
    let graph: GraphProto | undefined;
    try {
      ({ graph } = fromBinary(ModelProtoSchema, from));
    } catch (error) {
      throw new UndertoneError('onnx_unreadable', 'these bytes are no whole ONNX model', { cause: error });
    }
    if (graph === undefined) throw new UndertoneError('onnx_unreadable', 'these bytes hold no graph');
    this.graph = graph;
    for (const tensor of graph.initializer) this.#tensors.set(tensor.name, tensor);
    for (const node of graph.node) {
      const value = node.opType === 'Constant' ? node.attribute.find(({ name }) => name === 'value')?.t : undefined;
      if (value !== undefined) this.#tensors.set(node.output[0] ?? '', value);
      else for (const output of node.output) this.#producers.set(output, node);
    }
  }

  /** This graph as it is with whole tensors in the place of the parts that it cuts from stored ones. */
  uncut(): GraphView {
    return new GraphView(this);
  }

  /** The node that makes a value; copies and casts between number types are passed over. */
  producer(name: string | undefined): NodeProto | undefined {
    return this.#producers.get(this.source(name));
  }

  /** The value that this one is a copy of. */
  source(name: string | undefined): string {
    let at = name ?? '';
    for (;;) {
      const node = this.#producers.get(at);
      if (node === undefined || !COPIES.has(node.opType)) return at;
      at = node.input[0] ?? '';
    }
  }

  /** The value that this one is a copy of, perhaps in another shape or order. */
  unmoved(name: string | undefined): string {
    let at = this.source(name);
    for (;;) {
      const node = this.#producers.get(at);
      if (node === undefined || !MOVES.has(node.opType)) return at;
      at = this.source(node.input[0]);
    }
  }

  /** A stored tensor, float32 or int64; those that only reorder or reshape a stored one are computed. */
  constant(name: string | undefined): ConstantTensor | undefined {
    const at = this.source(name);
    const known = this.#constants.get(at);
    if (known !== undefined) return known;
    const tensor = this.#tensors.get(at);
    const found = tensor === undefined ? this.#derived(this.#producers.get(at)) : read(tensor);
    if (found !== undefined) this.#constants.set(at, found);
    return found;
  }

  /** A stored float32 tensor of these dimensions, where given. @throws UndertoneError `rewrite_unrecognised` */
  floats(name: string | undefined, what: string, dims?: readonly number[]): Float32Array {
    const found = this.constant(name);
    if (!(found?.data instanceof Float32Array)) throw unrecognised(`${what} as stored float32`, this.#described(name));
    if (dims !== undefined && found.dims.join() !== dims.join())
      throw unrecognised(`${what} of [${dims.join(', ')}]`, `[${found.dims.join(', ')}]`);
    return found.data;
  }

  /** A number that multiplies or divides: a stored tensor of one element. */
  scalar(name: string | undefined): number | undefined {
    const found = this.constant(name);
    return found?.data.length === 1 ? Number(found.data[0]) : undefined;
  }

  /** A value as a message names it: the node that makes it, a stored tensor by its type, or an input by its name. */
  #described(name: string | undefined): NodeProto | string {
    const at = this.source(name);
    const type = this.#tensors.get(at)?.dataType;
    return this.producer(at) ?? (type === undefined ? at : `${at} of ${typeName(type)}`);
  }

  #derived(node: NodeProto | undefined): ConstantTensor | undefined {
    const from = node === undefined ? undefined : this.constant(node.input[0]);
    if (node === undefined || from === undefined) return undefined;
    if (node.opType === 'Transpose' && from.dims.length === 2 && from.data instanceof Float32Array)
      return transposedConstant(from.dims, from.data);
    if (this.#uncut && CUTS.has(node.opType)) return from;
    if (node.opType === 'Unsqueeze') {
      const axes = intsAttribute(node, 'axes') ?? Array.from(this.constant(node.input[1])?.data ?? [], Number);
      return axes.join() === '0' ? { dims: [1, ...from.dims], data: from.data } : undefined;
    }
    if (node.opType !== 'Gather') return undefined;
    const rows = this.constant(node.input[1]);
    const inOrder = rows !== undefined && rows.data.every((row: number | bigint, i: number) => Number(row) === i);
    return inOrder && rows.data.length === from.dims[0] && intAttribute(node, 'axis', 0) === 0 ? from : undefined;
  }
}

const COPIES: ReadonlySet<string> = new Set(['Identity', 'Cast', 'Dropout']);
const CUTS: ReadonlySet<string> = new Set(['Split', 'Slice']);
/** Operators that give the values of their first input in another shape or order. */
export const MOVES: ReadonlySet<string> = new Set(['Reshape', 'Transpose', 'Squeeze', 'Unsqueeze']);

/** An integer attribute of a node, or its default. */
export function intAttribute(node: NodeProto, name: string, otherwise: number): number {
  const found = node.attribute.find((attribute) => attribute.name === name);
  return found === undefined ? otherwise : Number(found.i);
}

/** A list of integers among a node's attributes; undefined where it is absent. */
export function intsAttribute(node: NodeProto, name: string): number[] | undefined {
  return node.attribute.find((attribute) => attribute.name === name)?.ints.map(Number);
}

function read(tensor: TensorProto): ConstantTensor | undefined {
  const { dataType, rawData, floatData, int64Data, name } = tensor;
  if (tensor.dataLocation === EXTERNAL)
    throw unrecognised('all weights inside the ONNX file', `${name || 'a tensor'} in another file`);
  const dims = tensor.dims.map(Number);
  if (dataType === ONNX_TYPE.float32) {
    const data = rawData.length > 0 ? new Float32Array(aligned(rawData)) : Float32Array.from(floatData);
    return { dims, data };
  }
  if (dataType !== ONNX_TYPE.int64) return undefined;
  return { dims, data: rawData.length > 0 ? new BigInt64Array(aligned(rawData)) : BigInt64Array.from(int64Data) };
}

/** The bytes in a buffer of their own, since typed arrays start at multiples of their element's size. */
function aligned(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

function transposedConstant([rows = 0, columns = 0]: readonly number[], data: Float32Array): ConstantTensor {
  return { dims: [columns, rows], data: transposed(data, rows, columns) };
}

/** [rows, columns] with rows and columns exchanged. */
export function transposed(data: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(data.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) out[column * rows + row] = data[row * columns + column] as number;
  return out;
}
