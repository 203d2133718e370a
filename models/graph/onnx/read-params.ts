import { fromBinary } from '@bufbuild/protobuf';
import type { ParamStore } from '../param.ts';
import { ONNX_TYPE } from './element-type.ts';
import { fromFloat16 } from './float16.ts';
import { ModelProtoSchema } from './gen/onnx_pb.ts';

const HALF = '_half';

/**
 * The parameter values in a model that `emitOnnx` wrote, by their names; those in half precision widened. Constants of
 * the graph, `const_` and a number, are none.
 */
export function readParams(bytes: Uint8Array): ParamStore {
  const params: ParamStore = new Map();
  for (const { name, dataType, rawData } of fromBinary(ModelProtoSchema, bytes).graph?.initializer ?? []) {
    if (/^const_\d+$/.test(name)) continue;
    const data = new Uint8Array(rawData).buffer;
    if (dataType === ONNX_TYPE.float32) params.set(name, new Float32Array(data));
    else if (dataType === ONNX_TYPE.float16 && name.endsWith(HALF))
      params.set(name.slice(0, -HALF.length), Float32Array.from(new Uint16Array(data), fromFloat16));
  }
  return params;
}
