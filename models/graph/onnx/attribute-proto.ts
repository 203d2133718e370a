import { create } from '@bufbuild/protobuf';
import type { Attribute } from '../attribute.ts';
import { AttributeProtoSchema, type AttributeProto } from './gen/onnx_pb.ts';

/** An attribute as ONNX stores it; `type` is AttributeProto.AttributeType. */
export function attributeProto(name: string, attribute: Attribute): AttributeProto {
  if ('int' in attribute) return create(AttributeProtoSchema, { name, type: 2, i: BigInt(attribute.int) });
  if ('float' in attribute) return create(AttributeProtoSchema, { name, type: 1, f: attribute.float });
  if ('ints' in attribute) return create(AttributeProtoSchema, { name, type: 7, ints: attribute.ints.map(BigInt) });
  return create(AttributeProtoSchema, { name, type: 3, s: new TextEncoder().encode(attribute.string) });
}
