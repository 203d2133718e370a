import { create, fromBinary } from '@bufbuild/protobuf';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { exportVision, VISION_PORTS, type ExportOptions } from '../../../../models/foundation/vit/export-vision.ts';
import { randomVision, type VisionSize } from '../../../../models/foundation/vit/random-vision.ts';
import { compareEmbeddings } from '../../../../models/foundation/rewrite/compare-embeddings.ts';
import { formatRewrite } from '../../../../models/foundation/rewrite/format-rewrite.ts';
import { rewriteVision } from '../../../../models/foundation/rewrite/rewrite-vision.ts';
import { sampleImages } from '../../../../models/foundation/rewrite/sample-images.ts';
import { CLIP_SCALE } from '../../../../models/foundation/rewrite/clip-scale.ts';
import { SIGLIP_SCALE } from '../../../../models/foundation/rewrite/siglip-scale.ts';
import { openVisionEncoder } from '../../../../models/foundation/rewrite/vision-encoder.ts';
import {
  ModelProtoSchema,
  NodeProtoSchema,
  type ModelProto,
  type NodeProto,
} from '../../../../models/graph/onnx/gen/onnx_pb.ts';
import { ONNX_TYPE } from '../../../../models/graph/onnx/element-type.ts';
import { readOnnx } from '../../../../models/graph/onnx/read.ts';
import { changedGraph, nodesOf } from './changed-graph.ts';

const SMALL: VisionSize = {
  imageSize: 32,
  patch: 8,
  width: 32,
  heads: 4,
  layers: 3,
  feed: 64,
  dimension: 24,
  activation: 'quick_gelu',
};
const ports = VISION_PORTS;

/** A generated model with something changed in its graph. */
function changed(change: (model: ModelProto) => void, options: ExportOptions = {}): Uint8Array {
  return changedGraph(exportVision(randomVision(SMALL, 1), options), change);
}

function onNodes(op: string, change: (node: NodeProto) => void): (model: ModelProto) => void {
  return (model) => nodesOf(model, op).forEach(change);
}

/** Graphs that are fed otherwise, and what is said of them. */
function otherInputs(): [Uint8Array, RegExp][] {
  const renamed = changed((model) => {
    for (const given of model.graph?.input ?? []) given.name = 'image';
  });
  const both = changed((model) => {
    const [given] = model.graph?.input ?? [];
    if (given !== undefined) model.graph?.input.push({ ...given, name: 'input_ids' });
  });
  const batches = changed((model) => {
    const type = model.graph?.input[0]?.type?.value;
    const [first] = type?.case === 'tensorType' ? (type.value.shape?.dim ?? []) : [];
    if (first !== undefined) first.value = { case: 'dimValue', value: 4n };
  });
  const half = changed((model) => {
    for (const tensor of model.graph?.initializer ?? [])
      if (tensor.name === 'visual_projection.weight') tensor.dataType = ONNX_TYPE.float16;
  });
  return [
    [renamed, /pixel_values as the only input, found image/],
    [both, /pixel_values as the only input, found pixel_values, input_ids/],
    [batches, /batches of any size, found batches of 4/],
    [half, /stored float32, found visual_projection.weight of float16/],
  ];
}

/** Patches with a norm of their own, before the class token comes to them. */
function normedPatches(): Uint8Array {
  return changed((model) => {
    const concat = nodesOf(model, 'Concat').find(({ attribute }) => attribute[0]?.i === 1n);
    if (concat === undefined) return;
    const input = [concat.input[1] ?? '', '/vision_model/post_layernorm.weight', '/vision_model/post_layernorm.bias'];
    const output = ['normed'];
    model.graph?.node.unshift(create(NodeProtoSchema, { opType: 'LayerNormalization', input, output }));
    concat.input[1] = 'normed';
  });
}

function refusal(code: string, message: RegExp) {
  return expect.objectContaining({ code, message: expect.stringMatching(message) });
}

describe('files that PyTorch exported', () => {
  it.each([
    ['heads-in-batch-opset11', 0.999],
    ['scaled-scores-opset14', 0.999],
    ['scaled-sides-opset17', 0.999],
    ['tokens-first-opset11', 0.999],
    ['timm-opset14', 0.999],
    ['open-clip-opset17', 0.999],
    ['attention-opset23', 0.999],
    // Embeddings of different images have a cosine of 0.2 to 0.8 here, and of 0.8 and more above.
    ['siglip-opset14', 0.995],
    ['siglip-opset20', 0.995],
    ['timm-siglip-opset17', 0.995],
    ['timm-mean-opset17', 0.995],
    ['open-clip-mean-opset18', 0.995],
  ])('gives what PyTorch computed for %s, from bytes', async (name, rounded) => {
    const file = (ending: string) => readFileSync(new URL(`./exported/${name}.${ending}`, import.meta.url));
    const reference = JSON.parse(file('json').toString()) as { pixels: number[]; image_embeds: number[] };
    const embeddings = Float32Array.from(reference.image_embeds);
    for (const [precision, least] of [
      ['float32', 0.999999],
      ['int8', rounded],
    ] as const) {
      const { bytes, report } = await rewriteVision(file('onnx'), { ports, scale: SIGLIP_SCALE, precision });
      expect(report.cosine.min).toBeGreaterThan(least);
      const encoder = await openVisionEncoder(bytes, { kind: 'bytes' }, { size: 16, output: ports.output });
      try {
        const found = await encoder.encode(Uint8Array.from(reference.pixels), 2);
        expect(compareEmbeddings(embeddings, found, 2).min).toBeGreaterThan(least);
        const furthest = Math.max(...found.map((value, i) => Math.abs(value - (embeddings[i] as number))));
        expect(furthest).toBeLessThan(precision === 'float32' ? 1e-4 : 0.1);
      } finally {
        await encoder.close();
      }
    }
  });
});

describe('rewriteVision', () => {
  it.each([
    ['quick_gelu', {}, {}],
    ['gelu', { activation: 'gelu' }, {}],
    ['gelu by tanh', { activation: 'gelu_tanh' }, {}],
    ['one layer', { layers: 1 }, {}],
    ['one head, odd sizes', { heads: 1, width: 20, feed: 36, dimension: 7 }, {}],
    ['fused query, key and value', {}, { fused: true }],
    ['fused, one head, one layer', { heads: 1, layers: 1, width: 20 }, { fused: true }],
  ] as const)('keeps the embeddings of a generated model: %s', async (_, size, form) => {
    const original = exportVision(randomVision({ ...SMALL, ...size }, 1), form);
    const exact = await rewriteVision(original, { ports, scale: CLIP_SCALE, precision: 'float32' });
    expect(exact.report.cosine.min).toBeGreaterThan(0.999999);
    const rounded = await rewriteVision(original, { ports, scale: CLIP_SCALE, precision: 'int8' });
    expect(rounded.report.cosine.min).toBeGreaterThan(0.995);
    expect(rounded.report.bytes.rewritten).toBeLessThan(rounded.report.bytes.original);
  });

  it('keeps norms without an offset', async () => {
    const original = changed(
      onNodes('Add', (node) => {
        if (!/norm\d?\/Add_1/.test(node.name)) return;
        node.opType = 'Identity';
        node.input.pop();
      }),
    );
    expect(nodesOf(fromBinary(ModelProtoSchema, original), 'Identity')).toHaveLength(2 * SMALL.layers + 4);
    const { report } = await rewriteVision(original, { ports, scale: CLIP_SCALE, precision: 'float32' });
    expect(report.cosine.min).toBeGreaterThan(0.999999);
  });

  it.each([
    ['float32', false],
    ['float32', true],
    ['int8', true],
  ] as const)(
    'gives embeddings of the length that the original gives: %s, of length 1: %s',
    async (precision, unit) => {
      const original = exportVision({ ...randomVision(SMALL, 1), unit });
      const { bytes } = await rewriteVision(original, { ports, scale: CLIP_SCALE, precision });
      const image = sampleImages(1, SMALL.imageSize, 3);
      const options = { size: SMALL.imageSize, output: ports.output };
      const lengths: number[] = [];
      for (const [graph, feed] of [
        [original, { kind: 'tensor', input: ports.input, scale: CLIP_SCALE }],
        [bytes, { kind: 'bytes' }],
      ] as const) {
        const encoder = await openVisionEncoder(graph, feed, options);
        lengths.push(Math.hypot(...(await encoder.encode(image, 1))));
        await encoder.close();
      }
      expect(lengths[1]).toBeCloseTo(lengths[0] ?? 0, 4);
      expect(Math.abs((lengths[0] ?? 0) - 1) < 1e-5).toBe(unit);
    },
  );

  it('does not take query, key and value of a fused layer for one another', async () => {
    const swapped = changed(
      onNodes('Gather', (node) => {
        const other = { part_0: 'part_1', part_1: 'part_0' }[node.input[1] ?? ''];
        if (other !== undefined) node.input[1] = other;
      }),
      { fused: true },
    );
    await expect(rewriteVision(swapped, { ports, scale: CLIP_SCALE })).rejects.toThrow(
      refusal('rewrite_inexact', /less than 0.99999/),
    );
  });

  it('takes bytes, and writes integer products', async () => {
    const original = exportVision(randomVision(SMALL, 1));
    const { bytes } = await rewriteVision(original, { ports, scale: CLIP_SCALE, precision: 'int8' });
    const { inputs, outputs, ops } = readOnnx(bytes);
    expect(inputs).toEqual([{ name: 'pixels', type: 'uint8', dims: ['N', 32, 32, 3] }]);
    expect(outputs).toEqual([{ name: 'image_embeds', type: 'float32', dims: ['N', 24] }]);
    // Two blocks of four products, and five in the last, whose query is the class token's alone.
    expect(ops).toMatchObject({ 'com.microsoft::DynamicQuantizeMatMul': 13, 'com.microsoft::MatMulIntegerToFloat': 1 });
    expect(ops).toMatchObject({ MatMul: 1, Slice: 2, Attention: 3 });
  });

  it('rounds by itself only where that is faster and close enough', async () => {
    const size = { ...SMALL, imageSize: 64, width: 192, feed: 768, layers: 4 };
    const original = exportVision(randomVision(size, 1));
    const { report, bytes } = await rewriteVision(original, { ports, scale: CLIP_SCALE });
    expect(report.precision).toBe(report.leftInt8 === undefined ? 'int8' : 'float32');
    expect('com.microsoft::DynamicQuantizeMatMul' in readOnnx(bytes).ops).toBe(report.precision === 'int8');
    const close = await rewriteVision(original, { ports, scale: CLIP_SCALE, minCosine: 0.9999999 });
    expect(close.report).toMatchObject({ precision: 'float32', leftInt8: { cosine: expect.anything() } });
    expect(close.report.cosine.min).toBeGreaterThan(0.99999);
    expect(formatRewrite(close.report)).toMatch(/int8 would be .* not taken/);
  });

  it('does not leave the choice for a model of a millisecond to chance', async () => {
    const original = exportVision(randomVision(SMALL, 1));
    const { report } = await rewriteVision(original, { ports, scale: CLIP_SCALE });
    expect(report.precision).toBe('float32');
    expect(report).not.toHaveProperty('leftInt8');
  });

  it('refuses a graph that does more than it knows', async () => {
    const masked = changed((model) => {
      const [softmax] = nodesOf(model, 'Softmax');
      const mask = create(NodeProtoSchema, {
        opType: 'Add',
        input: [softmax?.input[0] ?? '', 'mask'],
        output: ['masked'],
      });
      if (softmax !== undefined) softmax.input[0] = 'masked';
      model.graph?.node.push(mask);
    });
    const cases: readonly [Uint8Array, RegExp][] = [
      [masked, /without a mask \(MatMul\), found Add \(masked\)/],
      [
        changed(
          onNodes('Softmax', (node) => {
            node.opType = 'Sigmoid';
          }),
        ),
        /attention weights/,
      ],
      [
        changed(
          onNodes('Conv', (node) => {
            node.attribute = [];
          }),
        ),
        /do not overlap/,
      ],
      [
        changed(
          onNodes('Gather', (node) => {
            node.opType = 'Max';
          }),
        ),
        /token 0|positions/,
      ],
      [normedPatches(), /patches as rows, without a norm .*; the model works as it is, in float32/],
    ];
    for (const [bytes, message] of [...cases, ...otherInputs()])
      await expect(rewriteVision(bytes, { ports, scale: CLIP_SCALE })).rejects.toThrow(
        refusal('rewrite_unrecognised', message),
      );
  });

  it('refuses another scale of attention', async () => {
    const bytes = changed((model) => {
      for (const tensor of model.graph?.initializer ?? [])
        if (tensor.name === `scalar_${(32 / 4) ** -0.5}`) tensor.rawData = new Uint8Array(Float32Array.of(0.5).buffer);
    });
    await expect(rewriteVision(bytes, { ports, scale: CLIP_SCALE })).rejects.toThrow(
      refusal('rewrite_unrecognised', /scale/),
    );
  });

  it('refuses weights in other files, another output, and bytes that are no model', async () => {
    const elsewhere = changed((model) => {
      const tensor = model.graph?.initializer.find(({ name }) => name === 'visual_projection.weight');
      if (tensor !== undefined) tensor.dataLocation = 1;
    });
    await expect(rewriteVision(elsewhere, { ports, scale: CLIP_SCALE })).rejects.toThrow(
      refusal('rewrite_unrecognised', /inside the ONNX file/),
    );
    const original = exportVision(randomVision(SMALL, 1));
    await expect(
      rewriteVision(original, { ports: { ...ports, output: 'last_hidden_state' }, scale: CLIP_SCALE }),
    ).rejects.toThrow(refusal('rewrite_unrecognised', /pooled to one.*found Add/));
    await expect(
      rewriteVision(original, { ports: { ...ports, output: 'pooler_output' }, scale: CLIP_SCALE }),
    ).rejects.toThrow(
      refusal('rewrite_unrecognised', /an output pooler_output, found image_embeds, last_hidden_state/),
    );
    await expect(rewriteVision(original.subarray(0, 900), { ports, scale: CLIP_SCALE })).rejects.toThrow(
      refusal('onnx_unreadable', /whole/),
    );
  });

  it('ends with the reason when it is stopped', async () => {
    const stop = new AbortController();
    const original = exportVision(randomVision(SMALL, 1));
    const rewritten = rewriteVision(original, { ports, scale: CLIP_SCALE, signal: stop.signal });
    setImmediate(() => stop.abort(new Error('stopped')));
    await expect(rewritten).rejects.toThrow('stopped');
  });

  it('refuses what it cannot prove to be the same', async () => {
    const original = exportVision(randomVision(SMALL, 1));
    await expect(
      rewriteVision(original, { ports, scale: CLIP_SCALE, precision: 'int8', minCosine: 1 }),
    ).rejects.toThrow(refusal('rewrite_inexact', /less than 1/));
    const broken = changed((model) => {
      const weight = model.graph?.initializer.find(({ name }) => name === 'visual_projection.weight');
      if (weight !== undefined) weight.rawData = new Uint8Array(new Float32Array(32 * 24).fill(Number.NaN).buffer);
    });
    await expect(rewriteVision(broken, { ports, scale: CLIP_SCALE })).rejects.toThrow(
      refusal('rewrite_inexact', /no finite numbers/),
    );
  });
});
