import { create, toBinary } from '@bufbuild/protobuf';
import type { Branch, Graph, GraphNode, Value } from '../graph.ts';
import type { ParamStore } from '../param.ts';
import { UndertoneError } from '../../errors.ts';
import { sizeOf } from '../shape.ts';
import { attributeProto } from './attribute-proto.ts';
import { ONNX_TYPE } from './element-type.ts';
import {
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  type AttributeProto,
  type NodeProto,
  type TensorProto,
} from './gen/onnx_pb.ts';
import { storedParam, type StoredWeights } from './stored-param.ts';
import { tensorProto } from './tensor-proto.ts';
import { valueInfo } from './value-info.ts';

const IR_VERSION = 9n;
const OPSET = 20n;

export interface EmitOptions {
  /** Parameter values to store in the model; without them parameters are inputs, as training feeds them. */
  readonly params?: ParamStore;
  /** How large parameters are stored; default `float32`. */
  readonly weights?: StoredWeights;
  /** Names of the outputs to write, where not all. */
  readonly outputs?: readonly string[];
}

/** Operators whose outputs after the first can be left out. */
const OPTIONAL_OUTPUTS: ReadonlySet<string> = new Set(['LayerNormalization']);

/**
 * Writes a graph as an ONNX model. Nodes that no output needs are left out, and so are inputs and constants.
 *
 * @throws UndertoneError `graph_params` when a value is missing or has another size
 */
export function emitOnnx(g: Graph, options: EmitOptions = {}): Uint8Array<ArrayBuffer> {
  const outputs = [...g.outputs].filter(([name]) => options.outputs?.includes(name) ?? true);
  const needed = new Set(outputs.map(([, value]) => value.name));
  const nodes = liveNodes(g.nodes, needed);
  const isNeeded = (value: Value): boolean => needed.has(value.name);
  const initializers: TensorProto[] = [];
  const protos: NodeProto[] = [];
  for (const { value, data } of g.constants.values())
    if (isNeeded(value)) initializers.push(tensorProto(value.name, value.shape.map(Number), value.type, data));
  const inputs = [...g.inputs.values()].filter(isNeeded);
  for (const { value } of g.params.values()) {
    if (!isNeeded(value)) continue;
    if (options.params === undefined) inputs.push(value);
    else {
      const stored = storedParam(value, valuesOf(value, options.params), options.weights ?? 'float32');
      initializers.push(...stored.initializers);
      protos.push(...stored.nodes);
    }
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

/** The nodes that make what is needed; what they need in turn, in their branches too, is added to it. */
function liveNodes(all: readonly GraphNode[], needed: Set<string>): GraphNode[] {
  const nodes: GraphNode[] = [];
  for (const node of all.toReversed()) {
    if (!node.outputs.some((output) => needed.has(output.name))) continue;
    nodes.push(node);
    for (const input of node.inputs) needed.add(input.name);
    for (const branch of Object.values(node.branches ?? {})) {
      needed.add(branch.output.name);
      liveNodes(branch.nodes, needed);
    }
  }
  return nodes.toReversed();
}

function valuesOf(value: Value, params: ParamStore): Float32Array {
  const data = params.get(value.name);
  const size = sizeOf(value.shape);
  if (data?.length === size) return data;
  throw new UndertoneError(
    'graph_params',
    `parameter ${value.name} needs ${size} values, got ${data?.length ?? 'none'}`,
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
    attribute: [
      ...Object.entries(node.attributes).map(([name, attribute]) => attributeProto(name, attribute)),
      ...Object.entries(node.branches ?? {}).map(([name, branch]) => branchProto(name, branch, needed)),
    ],
  });
}

/** A branch as an attribute; `type` is AttributeProto.AttributeType. */
function branchProto(name: string, { nodes, output }: Branch, needed: Set<string>): AttributeProto {
  const live = nodes.filter((node) => node.outputs.some((value) => needed.has(value.name)));
  const graph = create(GraphProtoSchema, {
    name,
    node: live.map((node) => nodeProto(node, needed)),
    output: [valueInfo(output.name, ONNX_TYPE[output.type], output.shape)],
  });
  return create(AttributeProtoSchema, { name, type: 5, g: graph });
}
