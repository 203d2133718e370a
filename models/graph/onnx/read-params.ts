import { fromBinary } from '@bufbuild/protobuf';
import type { ParamStore } from '../param.ts';
import { ONNX_TYPE } from './element-type.ts';
import { fromFloat16 } from './float16.ts';
import { ModelProtoSchema, type TensorProto } from './gen/onnx_pb.ts';
import { fromRowwise, STORED } from './stored-param.ts';

/**
 * The parameter values in a model that `emitOnnx` wrote, by their names; those stored in fewer bits widened. Constants of
 * the graph, `const_` and a number, are none.
 */
export function readParams(bytes: Uint8Array): ParamStore {
  const initializers = fromBinary(ModelProtoSchema, bytes).graph?.initializer ?? [];
  const byName = new Map(initializers.map((tensor) => [tensor.name, tensor]));
  const params: ParamStore = new Map();
  for (const tensor of initializers) {
    const { name, dataType } = tensor;
    const base = (end: string): string => name.slice(0, -end.length);
    if (dataType === ONNX_TYPE.float16 && name.endsWith(STORED.half))
      params.set(base(STORED.half), Float32Array.from(new Uint16Array(bufferOf(tensor)), fromFloat16));
    else if (dataType === ONNX_TYPE.int8 && name.endsWith(STORED.bytes)) {
      const scale = byName.get(base(STORED.bytes) + STORED.scale);
      if (scale === undefined) continue;
      const scales = new Float32Array(bufferOf(scale));
      params.set(base(STORED.bytes), fromRowwise(new Int8Array(bufferOf(tensor)), scales));
    } else if (dataType === ONNX_TYPE.float32 && !/^const_\d+$/.test(name) && !isScale(name, byName))
      params.set(name, new Float32Array(bufferOf(tensor)));
  }
  return params;
}

function isScale(name: string, byName: ReadonlyMap<string, TensorProto>): boolean {
  return name.endsWith(STORED.scale) && byName.has(name.slice(0, -STORED.scale.length) + STORED.bytes);
}

function bufferOf({ rawData }: TensorProto): ArrayBuffer {
  return new Uint8Array(rawData).buffer;
}
