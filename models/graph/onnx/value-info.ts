import { create } from '@bufbuild/protobuf';
import type { Shape } from '../shape.ts';
import { ValueInfoProtoSchema, type ValueInfoProto } from './gen/onnx_pb.ts';

/** Name, element type (a number of ONNX_TYPE) and shape of an input or output, as ONNX stores them. */
export function valueInfo(name: string, elemType: number, shape: Shape): ValueInfoProto {
  const dim = shape.map((size) => ({
    value:
      typeof size === 'number'
        ? { case: 'dimValue' as const, value: BigInt(size) }
        : { case: 'dimParam' as const, value: size },
  }));
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType, shape: { dim } } } },
  });
}
