import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, type ModelProto, type NodeProto } from '../../../../models/graph/onnx/gen/onnx_pb.ts';

/** A model with something changed in its graph. */
export function changedGraph(bytes: Uint8Array, change: (model: ModelProto) => void): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  change(model);
  return toBinary(ModelProtoSchema, model);
}

/** The nodes of one operator. */
export function nodesOf(model: ModelProto, op: string): NodeProto[] {
  return model.graph?.node.filter(({ opType }) => opType === op) ?? [];
}
