import { create } from '@bufbuild/protobuf';
import type { Value } from '../graph.ts';
import { attributeProto } from './attribute-proto.ts';
import { ONNX_TYPE } from './element-type.ts';
import { toFloat16Array } from './float16.ts';
import { tensorProto } from './tensor-proto.ts';
import { NodeProtoSchema, type NodeProto, type TensorProto } from './gen/onnx_pb.ts';

/**
 * How large parameters are stored. `float16` halves the file; `int8` gives matrices one byte a value and a scale for
 * each row, and the others half precision. Either is widened once, when the model is opened.
 */
export type StoredWeights = 'float32' | 'float16' | 'int8';

/** Initialisers, and the nodes that make the parameter of them. */
export interface StoredParam {
  readonly initializers: readonly TensorProto[];
  readonly nodes: readonly NodeProto[];
}

/** Ends of the names under which a parameter is stored that is not stored as it is. */
export const STORED = { half: '_half', bytes: '_int8', scale: '_scale' } as const;

/** Parameters of fewer values stay in single precision. */
const LARGE = 1024;

export function storedParam({ name, shape }: Value, data: Float32Array, weights: StoredWeights): StoredParam {
  const dims = shape.map(Number);
  if (weights === 'float32' || data.length < LARGE)
    return { initializers: [tensorProto(name, dims, 'float32', data)], nodes: [] };
  const [rows = 0] = dims;
  if (weights === 'float16' || dims.length !== 2) {
    const half = name + STORED.half;
    return { initializers: [tensorProto(half, dims, 'float16', toFloat16Array(data))], nodes: [widened(half, name)] };
  }
  const { bytes, scales } = rowwise(data, rows);
  const [stored, scale] = [name + STORED.bytes, name + STORED.scale];
  const wide = `${stored}_wide`;
  return {
    initializers: [tensorProto(stored, dims, 'int8', bytes), tensorProto(scale, [rows, 1], 'float32', scales)],
    nodes: [
      widened(stored, wide),
      create(NodeProtoSchema, { name: scale, opType: 'Mul', input: [wide, scale], output: [name] }),
    ],
  };
}

/** The values that {@link storedParam} gave bytes and scales. */
export function fromRowwise(bytes: Int8Array, scales: Float32Array): Float32Array {
  const width = bytes.length / scales.length;
  return Float32Array.from(bytes, (byte, i) => byte * (scales[Math.floor(i / width)] ?? 0));
}

function rowwise(data: Float32Array, rows: number): { bytes: Int8Array; scales: Float32Array } {
  const width = data.length / rows;
  const scales = Float32Array.from({ length: rows }, (_, row) => {
    const largest = data.subarray(row * width, (row + 1) * width).reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    return largest === 0 ? 1 : largest / 127;
  });
  return { bytes: Int8Array.from(data, (v, i) => Math.round(v / (scales[Math.floor(i / width)] ?? 1))), scales };
}

function widened(from: string, to: string): NodeProto {
  const attribute = [attributeProto('to', { int: ONNX_TYPE.float32 })];
  return create(NodeProtoSchema, { name: from, opType: 'Cast', input: [from], output: [to], attribute });
}
