import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { Graph } from '../../../../models/graph/graph.ts';
import { emitOnnx } from '../../../../models/graph/onnx/emit.ts';
import { GraphProtoSchema, ModelProtoSchema, NodeProtoSchema } from '../../../../models/graph/onnx/gen/onnx_pb.ts';
import { readOnnx } from '../../../../models/graph/onnx/read.ts';
import * as op from '../../../../models/graph/ops/index.ts';
import { bias, declare, initParams, weight } from '../../../../models/graph/param.ts';

function model(): Uint8Array<ArrayBuffer> {
  const g = new Graph();
  const x = g.input('pixels', ['N', 4, 4, 3], 'uint8');
  const p = declare(g, { w: weight([48, 40], 0.1), b: bias([40]) }, 'image');
  g.output('embedding', op.linear(g, op.reshape(g, op.toFloat(g, x), ['N', 48]), p));
  return emitOnnx(g, { params: initParams(g, 1), weights: 'float16' });
}

describe('readOnnx', () => {
  it('tells what a model takes, gives, holds and does', () => {
    expect(readOnnx(model())).toEqual({
      inputs: [{ name: 'pixels', type: 'uint8', dims: ['N', 4, 4, 3] }],
      outputs: [{ name: 'embedding', type: 'float32', dims: ['N', 40] }],
      initializers: [
        { name: 'const_0', type: 'int64', dims: [2] },
        { name: 'image.w_half', type: 'float16', dims: [48, 40] },
        { name: 'image.b', type: 'float32', dims: [40] },
      ],
      ops: { Cast: 2, Reshape: 1, MatMul: 1, Add: 1, Identity: 1 },
      externalFiles: [],
    });
  });

  it('finds operators of subgraphs and of other sets, and files beside the model', () => {
    const proto = fromBinary(ModelProtoSchema, model());
    const [held] = proto.graph?.initializer ?? [];
    Object.assign(held ?? {}, {
      dataLocation: 1,
      externalData: [{ $typeName: 'onnx.StringStringEntryProto', key: 'location', value: '../weights.bin' }],
    });
    const inner = create(GraphProtoSchema, { node: [create(NodeProtoSchema, { opType: 'Neg' })] });
    proto.graph?.node.push(
      create(NodeProtoSchema, { opType: 'If', attribute: [{ name: 'then_branch', g: inner }] }),
      create(NodeProtoSchema, { opType: 'FusedMatMul', domain: 'com.microsoft' }),
    );
    const summary = readOnnx(toBinary(ModelProtoSchema, proto));
    expect(summary.externalFiles).toEqual(['../weights.bin']);
    expect(summary.ops).toMatchObject({ If: 1, Neg: 1, 'com.microsoft::FusedMatMul': 1 });
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['text', new TextEncoder().encode('{"not": "a model"}')],
    ['the first half of a model', model().slice(0, model().length / 2)],
    ['another kind of file', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10)],
  ])('refuses %s', (_, bytes) => {
    expect(() => readOnnx(bytes)).toThrow(expect.objectContaining({ code: 'onnx_unreadable' }));
  });

  it('knows the text that stands for a large file in a clone without Git LFS', () => {
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:1f0c\nsize 352000000\n';
    expect(() => readOnnx(Buffer.from(pointer))).toThrow('git lfs pull');
  });
});
