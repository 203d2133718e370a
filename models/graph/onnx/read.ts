import { fromBinary } from '@bufbuild/protobuf';
import { UndertoneError } from '../../errors.ts';
import { ONNX_TYPE } from './element-type.ts';
import { ModelProtoSchema, type GraphProto, type TensorProto, type ValueInfoProto } from './gen/onnx_pb.ts';

/** Name, element type and shape; a string is a symbolic dimension, `?` one without a name. */
export interface OnnxTensorInfo {
  readonly name: string;
  readonly type: string;
  readonly dims: readonly (number | string)[];
}

export interface OnnxInitializer {
  readonly name: string;
  readonly type: string;
  readonly dims: readonly number[];
}

/** What an ONNX model says about itself. */
export interface OnnxSummary {
  /** What is fed: inputs that no initializer fills. */
  readonly inputs: readonly OnnxTensorInfo[];
  readonly outputs: readonly OnnxTensorInfo[];
  readonly initializers: readonly OnnxInitializer[];
  /** Nodes per operator, those of subgraphs included; operators of other sets as `domain::name`. */
  readonly ops: Readonly<Record<string, number>>;
  /** Files beside the model that hold tensors, as the model names them. */
  readonly externalFiles: readonly string[];
}

/** `TensorProto.DataLocation.EXTERNAL`. */
export const EXTERNAL = 1;
/** How the text begins that a clone without Git LFS has in place of a large file. */
const LFS_POINTER = 'version https://git-lfs';
const TYPE_NAMES: ReadonlyMap<number, string> = new Map(Object.entries(ONNX_TYPE).map(([name, type]) => [type, name]));

/**
 * Reads an ONNX model without running it.
 *
 * @throws UndertoneError `onnx_unreadable` when the bytes hold no model, or not all of one
 */
export function readOnnx(bytes: Uint8Array): OnnxSummary {
  const { graph } = parse(bytes);
  if (graph === undefined || graph.output.length === 0) throw unreadable('they hold no graph with an output');
  const names = new Set(graph.initializer.map(({ name }) => name));
  const ops: Record<string, number> = {};
  const externalFiles = new Set<string>();
  visit(graph, ops, externalFiles);
  return {
    inputs: graph.input.filter(({ name }) => !names.has(name)).map(tensorInfo),
    outputs: graph.output.map(tensorInfo),
    initializers: graph.initializer.map(({ name, dataType, dims }) => ({
      name,
      type: typeName(dataType),
      dims: dims.map(Number),
    })),
    ops,
    externalFiles: [...externalFiles],
  };
}

function parse(bytes: Uint8Array) {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    if (Buffer.from(bytes.subarray(0, LFS_POINTER.length)).toString('latin1') === LFS_POINTER)
      throw unreadable('they are a pointer of Git LFS; `git lfs pull` gets the file itself', error);
    throw unreadable(error instanceof Error ? error.message : String(error), error);
  }
}

function visit(graph: GraphProto, ops: Record<string, number>, files: Set<string>): void {
  const addFile = (tensor: TensorProto): void => {
    if (tensor.dataLocation !== EXTERNAL) return;
    files.add(tensor.externalData.find(({ key }) => key === 'location')?.value ?? '');
  };
  graph.initializer.forEach(addFile);
  for (const { opType, domain, attribute } of graph.node) {
    const op = domain === '' || domain === 'ai.onnx' ? opType : `${domain}::${opType}`;
    ops[op] = (ops[op] ?? 0) + 1;
    for (const { t, g } of attribute) {
      if (t !== undefined) addFile(t);
      if (g !== undefined) visit(g, ops, files);
    }
  }
}

function tensorInfo({ name, type }: ValueInfoProto): OnnxTensorInfo {
  if (type?.value.case !== 'tensorType') return { name, type: type?.value.case ?? 'unknown', dims: [] };
  const { elemType, shape } = type.value.value;
  const dims = (shape?.dim ?? []).map(({ value }) => {
    if (value.case === 'dimValue') return Number(value.value);
    return value.case === 'dimParam' && value.value !== '' ? value.value : '?';
  });
  return { name, type: typeName(elemType), dims };
}

/** An element type in words. */
export function typeName(type: number): string {
  return TYPE_NAMES.get(type) ?? `type ${type}`;
}

function unreadable(why: string, cause?: unknown): UndertoneError {
  return new UndertoneError('onnx_unreadable', `these bytes are no whole ONNX model: ${why}`, { cause });
}
