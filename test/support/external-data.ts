import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, StringStringEntryProtoSchema } from '../../models/graph/onnx/gen/onnx_pb.ts';

/** A model whose largest tensor is moved into a file at `location`, and that file's bytes. */
export function withExternalData(onnx: Uint8Array, location: string): { onnx: Uint8Array; data: Uint8Array } {
  const model = fromBinary(ModelProtoSchema, onnx);
  const tensors = model.graph?.initializer ?? [];
  const largest = tensors.reduce((a, b) => (b.rawData.length > a.rawData.length ? b : a));
  const data = largest.rawData;
  largest.rawData = new Uint8Array();
  largest.dataLocation = 1;
  const entry = (key: string, value: string) => create(StringStringEntryProtoSchema, { key, value });
  largest.externalData = [entry('location', location), entry('offset', '0'), entry('length', String(data.length))];
  return { onnx: toBinary(ModelProtoSchema, model), data };
}
