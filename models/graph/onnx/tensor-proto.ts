import { create } from '@bufbuild/protobuf';
import { ONNX_TYPE } from './element-type.ts';
import { TensorProtoSchema, type TensorProto } from './gen/onnx_pb.ts';

/** A tensor as ONNX stores it: little-endian bytes, as every platform of Node lays typed arrays out. */
export function tensorProto(
  name: string,
  dims: readonly number[],
  type: keyof typeof ONNX_TYPE,
  { buffer, byteOffset, byteLength }: ArrayBufferView,
): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dims: dims.map(BigInt),
    dataType: ONNX_TYPE[type],
    rawData: new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength),
  });
}
