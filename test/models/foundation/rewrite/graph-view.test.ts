import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { GraphView } from '../../../../models/foundation/rewrite/graph-view.ts';
import { ONNX_TYPE } from '../../../../models/graph/onnx/element-type.ts';
import { ModelProtoSchema } from '../../../../models/graph/onnx/gen/onnx_pb.ts';

/** A graph in which a stored tensor of two numbers gets another dimension, its axis an attribute as up to opset 12, or an input. */
function unsqueezed(axis: number, kind: 'attribute' | 'input'): GraphView {
  const tensor = { name: 'held', dims: [2n], dataType: ONNX_TYPE.float32, floatData: [3, 4] };
  const axes = { name: 'axes', dims: [1n], dataType: ONNX_TYPE.int64, int64Data: [BigInt(axis)] };
  const attribute = [{ name: 'axes', ints: [BigInt(axis)] }];
  const node = { opType: 'Unsqueeze', output: ['out'] };
  const graph =
    kind === 'input'
      ? { initializer: [tensor, axes], node: [{ ...node, input: ['held', 'axes'] }] }
      : { initializer: [tensor], node: [{ ...node, input: ['held'], attribute }] };
  return new GraphView(toBinary(ModelProtoSchema, create(ModelProtoSchema, { graph })));
}

describe('a stored tensor with another dimension', () => {
  it.each(['attribute', 'input'] as const)('is known where that is the first, by an %s', (kind) => {
    expect(unsqueezed(0, kind).constant('out')).toMatchObject({ dims: [1, 2] });
    expect(unsqueezed(1, kind).constant('out')).toBeUndefined();
  });
});
