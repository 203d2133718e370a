import { create, toBinary } from '@bufbuild/protobuf';
import type { Attribute } from '../attribute.ts';
import type { Shape } from '../shape.ts';
import { UndertoneError } from '../../errors.ts';
import { attributeProto } from './attribute-proto.ts';
import { ONNX_TYPE } from './element-type.ts';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './gen/onnx_pb.ts';
import { tensorProto } from './tensor-proto.ts';
import { valueInfo } from './value-info.ts';

export type OnnxElement = keyof typeof ONNX_TYPE;
export type OnnxData = Float32Array | Int8Array | Uint8Array | Int32Array | BigInt64Array;

export interface OnnxPort {
  readonly name: string;
  readonly type: OnnxElement;
  readonly shape: Shape;
}

export interface NodeOptions {
  /** Operator set; the standard one when absent. */
  readonly domain?: string;
  /** Name of the node, and of its output: of several, `name_0`, `name_1`, ...; numbered when absent. */
  readonly name?: string;
}

export interface OnnxModelOptions {
  readonly name: string;
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
  /** Version of the standard operator set. */
  readonly opset: number;
}

/** `com.microsoft`: onnxruntime's own operators, at their only version. */
export const CONTRIB = 'com.microsoft';

/**
 * Writes an ONNX model node by node, where the graph builder's operators do not reach: other operator sets, integer
 * weights, the node patterns of exporters. Shapes are not checked; onnxruntime does when it opens the model.
 */
export class OnnxBuilder {
  readonly #nodes: NodeProto[] = [];
  readonly #tensors = new Map<string, TensorProto>();
  #count = 0;

  /** Adds an operator with one output, and gives the output's name; an empty input name is an input left out. */
  node(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    options: NodeOptions = {},
  ): string {
    const output = options.name ?? `n${this.#count++}`;
    this.#push(op, inputs, [output], attributes, output, options.domain);
    return output;
  }

  /** Adds an operator with several outputs. */
  nodes(
    op: string,
    inputs: readonly string[],
    outputs: number,
    attributes: Readonly<Record<string, Attribute>> = {},
    options: NodeOptions = {},
  ): string[] {
    const name = options.name ?? `n${this.#count++}`;
    const names = Array.from({ length: outputs }, (_, i) => `${name}_${i}`);
    this.#push(op, inputs, names, attributes, name, options.domain);
    return names;
  }

  /** Stores a tensor under a name and gives the name. @throws UndertoneError `graph_params` for another size */
  tensor(name: string, dims: readonly number[], data: OnnxData): string {
    const size = dims.reduce((product, dim) => product * dim, 1);
    if (size !== data.length)
      throw new UndertoneError('graph_params', `tensor ${name} needs ${size} values, got ${data.length}`);
    this.#tensors.set(name, tensorProto(name, dims, elementOf(data), data));
    return name;
  }

  /** A float32 scalar, stored once. */
  scalar(value: number): string {
    const name = `scalar_${value}`;
    return this.#tensors.has(name) ? name : this.tensor(name, [], Float32Array.of(value));
  }

  /** An int64 vector, stored once. */
  ints(...values: readonly number[]): string {
    const name = `ints_${values.join('_')}`;
    return this.#tensors.has(name) ? name : this.tensor(name, [values.length], BigInt64Array.from(values, BigInt));
  }

  /** The model's bytes; nothing can be added that they would show later. */
  build(options: OnnxModelOptions): Uint8Array<ArrayBuffer> {
    const domains = new Set(this.#nodes.map(({ domain }) => domain));
    const model = create(ModelProtoSchema, {
      irVersion: options.opset < 15 ? 7n : 9n,
      producerName: 'undertone',
      opsetImport: [
        create(OperatorSetIdProtoSchema, { domain: '', version: BigInt(options.opset) }),
        ...(domains.has(CONTRIB) ? [create(OperatorSetIdProtoSchema, { domain: CONTRIB, version: 1n })] : []),
      ],
      graph: create(GraphProtoSchema, {
        name: options.name,
        node: this.#nodes,
        initializer: [...this.#tensors.values()],
        input: options.inputs.map(port),
        output: options.outputs.map(port),
      }),
    });
    return toBinary(ModelProtoSchema, model);
  }

  #push(
    op: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
    name: string,
    domain = '',
  ): void {
    const attribute = Object.entries(attributes).map(([key, value]) => attributeProto(key, value));
    this.#nodes.push(
      create(NodeProtoSchema, { name, opType: op, domain, input: [...inputs], output: [...outputs], attribute }),
    );
  }
}

function port({ name, type, shape }: OnnxPort): ValueInfoProto {
  return valueInfo(name, ONNX_TYPE[type], shape);
}

function elementOf(data: OnnxData): OnnxElement {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Int8Array) return 'int8';
  if (data instanceof Uint8Array) return 'uint8';
  return data instanceof Int32Array ? 'int32' : 'int64';
}
