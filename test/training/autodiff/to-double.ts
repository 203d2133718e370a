import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { ONNX_TYPE } from '../../../models/graph/onnx/element-type.ts';
import { ModelProtoSchema, type TensorProto, type ValueInfoProto } from '../../../models/graph/onnx/gen/onnx_pb.ts';

const { float32: SINGLE, float64: DOUBLE } = ONNX_TYPE;

/** The same ONNX model with float64 wherever it has float32. */
export function toDouble(bytes: Uint8Array): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  const { graph } = model;
  if (graph === undefined) return bytes;
  for (const tensor of graph.initializer) widen(tensor);
  for (const info of [...graph.input, ...graph.output]) retype(info);
  for (const node of graph.node)
    for (const attribute of node.attribute) {
      if (node.opType === 'Cast' && attribute.name === 'to' && attribute.i === BigInt(SINGLE))
        attribute.i = BigInt(DOUBLE);
      if (attribute.t !== undefined) widen(attribute.t);
    }
  return toBinary(ModelProtoSchema, model);
}

function widen(tensor: TensorProto): void {
  if (tensor.dataType !== SINGLE) return;
  const single = new Float32Array(tensor.rawData.slice().buffer);
  tensor.dataType = DOUBLE;
  tensor.rawData = new Uint8Array(Float64Array.from(single).buffer);
}

function retype({ type }: ValueInfoProto): void {
  if (type?.value.case === 'tensorType' && type.value.value.elemType === SINGLE) type.value.value.elemType = DOUBLE;
}
