import { create, toBinary } from '@bufbuild/protobuf';
import type { Graph, GraphNode, Value } from '../graph.ts';
import type { ParamStore } from '../param.ts';
import { UndertoneError } from '../../errors.ts';
import { attributeProto } from './attribute-proto.ts';
import { ONNX_TYPE } from './element-type.ts';
import { toFloat16Array } from './float16.ts';
import {
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProtoSchema,
  type NodeProto,
  type TensorProto,
} from './gen/onnx_pb.ts';
import { valueInfo } from './value-info.ts';

const IR_VERSION = 9n;
const OPSET = 20n;

export interface EmitOptions {
  /** Parameter values to store in the model; without them parameters are inputs, as training feeds them. */
  readonly params?: ParamStore;
  /** How large parameters are stored: half precision halves the file and is widened once when the model is opened. */
  readonly weights?: 'float32' | 'float16';
  /** Names of the outputs to write, where not all. */
  readonly outputs?: readonly string[];
}

/** Operators whose outputs after the first can be left out. */
const OPTIONAL_OUTPUTS: ReadonlySet<string> = new Set(['LayerNormalization']);

/** Parameters shorter than this stay in single precision. */
const HALF_FROM = 1024;

/**
 * Writes a graph as an ONNX model. Nodes that no output needs are left out, and so are inputs and constants.
 *
 * @throws UndertoneError `graph_params` when a value is missing or has another size
 */
export function emitOnnx(g: Graph, options: EmitOptions = {}): Uint8Array<ArrayBuffer> {
  const outputs = [...g.outputs].filter(([name]) => options.outputs?.includes(name) ?? true);
  const { nodes, needed } = liveNodes(
    g,
    outputs.map(([, value]) => value),
  );
  const isNeeded = (value: Value): boolean => needed.has(value.name);
  const initializers: TensorProto[] = [];
  const protos: NodeProto[] = [];
  for (const { value, data } of g.constants.values()) if (isNeeded(value)) initializers.push(tensor(value, data));
  const inputs = [...g.inputs.values()].filter(isNeeded);
  for (const { value } of g.params.values()) {
    if (!isNeeded(value)) continue;
    if (options.params === undefined) inputs.push(value);
    else storeParam(value, options, initializers, protos);
  }
  protos.push(...nodes.map((node) => nodeProto(node, needed)));
  for (const [name, value] of outputs)
    protos.push(create(NodeProtoSchema, { name, opType: 'Identity', input: [value.name], output: [name] }));
  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: 'undertone',
    opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: OPSET })],
    graph: create(GraphProtoSchema, {
      name: 'undertone',
      node: protos,
      initializer: initializers,
      input: inputs.map((value) => valueInfo(value.name, ONNX_TYPE[value.type], value.shape)),
      output: outputs.map(([name, value]) => valueInfo(name, ONNX_TYPE[value.type], value.shape)),
    }),
  });
  return toBinary(ModelProtoSchema, model);
}

function liveNodes(g: Graph, outputs: readonly Value[]): { nodes: GraphNode[]; needed: Set<string> } {
  const needed = new Set(outputs.map((value) => value.name));
  const nodes: GraphNode[] = [];
  for (const node of g.nodes.toReversed()) {
    if (!node.outputs.some((output) => needed.has(output.name))) continue;
    nodes.push(node);
    for (const input of node.inputs) needed.add(input.name);
  }
  return { nodes: nodes.toReversed(), needed };
}

function storeParam(value: Value, options: EmitOptions, initializers: TensorProto[], nodes: NodeProto[]): void {
  const data = options.params?.get(value.name);
  const size = value.shape.reduce<number>((n, dim) => n * Number(dim), 1);
  if (data?.length !== size)
    throw new UndertoneError(
      'graph_params',
      `parameter ${value.name} needs ${size} values, got ${data?.length ?? 'none'}`,
    );
  if (options.weights !== 'float16' || size < HALF_FROM) {
    initializers.push(tensor(value, data));
    return;
  }
  const half = `${value.name}_half`;
  const proto = tensor({ ...value, name: half }, data);
  proto.dataType = ONNX_TYPE.float16;
  proto.rawData = bytesOf(toFloat16Array(data));
  initializers.push(proto);
  const to = create(AttributeProtoSchema, { name: 'to', type: 2, i: BigInt(ONNX_TYPE.float32) });
  nodes.push(
    create(NodeProtoSchema, { name: half, opType: 'Cast', input: [half], output: [value.name], attribute: [to] }),
  );
}

function nodeProto(node: GraphNode, needed: Set<string>): NodeProto {
  const optional = OPTIONAL_OUTPUTS.has(node.op);
  const output = node.outputs.map(({ name }) => (optional && !needed.has(name) ? '' : name));
  while (output.at(-1) === '') output.pop();
  return create(NodeProtoSchema, {
    name: node.outputs[0]?.name ?? '',
    opType: node.op,
    input: node.inputs.map((input) => input.name),
    output,
    attribute: Object.entries(node.attributes).map(([name, attribute]) => attributeProto(name, attribute)),
  });
}

function tensor(value: Value, data: Float32Array | BigInt64Array): TensorProto {
  return create(TensorProtoSchema, {
    name: value.name,
    dims: value.shape.map(BigInt),
    dataType: ONNX_TYPE[value.type],
    rawData: bytesOf(data),
  });
}

/** Little-endian bytes, as ONNX stores raw data and as every platform of Node lays typed arrays out. */
function bytesOf(data: Float32Array | BigInt64Array | Uint16Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
}
