import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import type { VisionPorts } from '../../../../models/foundation/rewrite/match-vision.ts';
import { rewriteVision } from '../../../../models/foundation/rewrite/rewrite-vision.ts';
import { SIGLIP_SCALE } from '../../../../models/foundation/rewrite/siglip-scale.ts';
import { exportVision, VISION_PORTS } from '../../../../models/foundation/vit/export-vision.ts';
import { randomVision, type VisionSize } from '../../../../models/foundation/vit/random-vision.ts';
import type { VisionTransformer } from '../../../../models/foundation/vit/vision-transformer.ts';
import { NodeProtoSchema, type ModelProto } from '../../../../models/graph/onnx/gen/onnx_pb.ts';
import { readOnnx } from '../../../../models/graph/onnx/read.ts';
import { tensorProto } from '../../../../models/graph/onnx/tensor-proto.ts';
import { changedGraph, nodesOf } from './changed-graph.ts';

const SMALL: VisionSize = {
  imageSize: 32,
  patch: 8,
  width: 32,
  heads: 4,
  layers: 3,
  feed: 64,
  dimension: 32,
  activation: 'gelu_tanh',
  form: 'siglip',
};
const SIGLIP = { ...VISION_PORTS, output: 'pooler_output' };
const ports = VISION_PORTS;
const scale = SIGLIP_SCALE;

/** A generated SigLIP, or something else in its place, with something changed in its graph. */
function changed(change: (model: ModelProto) => void, vit = randomVision(SMALL, 1)): Uint8Array {
  return changedGraph(exportVision(vit), change);
}

/** Every branch of a block times stored factors of these dimensions, before or behind them. */
function scaledBranches(dims: readonly number[], order: (branch: string, factor: string) => string[]): Uint8Array {
  return changed((model) => {
    const { graph } = model;
    const size = dims.reduce((product, dim) => product * dim, 1);
    const factors = Float32Array.from({ length: size }, (_, i) => Math.sin(i + 1) + 0.2);
    graph?.initializer.push(tensorProto('gamma', dims, 'float32', factors));
    const sums = nodesOf(model, 'Add').filter(({ name }) => /encoder\/layers\.\d\/Add/.test(name));
    expect(sums).toHaveLength(2 * SMALL.layers);
    for (const [i, sum] of sums.entries()) {
      const output = [`scaled_${i}`];
      const scaled = create(NodeProtoSchema, { opType: 'Mul', input: order(sum.input[1] ?? '', 'gamma'), output });
      sum.input[1] = output[0] ?? '';
      graph?.node.splice(graph.node.indexOf(sum), 0, scaled);
    }
  });
}

/** Least cosines of the rewrites in both precisions, and the graph in int8. */
async function rewritten(original: Uint8Array, named: VisionPorts = ports) {
  const exact = await rewriteVision(original, { ports: named, scale, precision: 'float32' });
  const rounded = await rewriteVision(original, { ports: named, scale, precision: 'int8' });
  const cosines = { exact: exact.report.cosine.min, rounded: rounded.report.cosine.min };
  return { cosines, bytes: rounded.bytes };
}

const kept = { exact: above(0.999999), rounded: above(0.995) };

function above(least: number): number {
  return expect.toSatisfy((value: number) => value > least) as number;
}

function refusal(message: RegExp) {
  return expect.objectContaining({ code: 'rewrite_unrecognised', message: expect.stringMatching(message) as unknown });
}

describe('a probe that attends to all tokens', () => {
  it.each([
    ['SigLIP', {}],
    ['another activation', { activation: 'quick_gelu' }],
    ['one head, odd sizes, one layer', { heads: 1, width: 20, dimension: 20, feed: 36, layers: 1 }],
  ] as const)('keeps the embeddings: %s', async (_, change) => {
    const original = exportVision(randomVision({ ...SMALL, ...change }, 1), { output: SIGLIP.output });
    const { cosines, bytes } = await rewritten(original, SIGLIP);
    expect(cosines).toEqual(kept);
    const { ops, outputs } = readOnnx(bytes);
    const { layers = SMALL.layers } = change as Partial<VisionSize>;
    // Four products a block and the two of the probe's feed-forward layer; no keys, and one value of each head.
    expect(ops).toMatchObject({ 'com.microsoft::DynamicQuantizeMatMul': 4 * layers + 2, Attention: layers, MatMul: 4 });
    expect(ops).not.toHaveProperty('Pad');
    expect(outputs[0]?.name).toBe('pooler_output');
  });

  it('keeps them with a class token, a projection and embeddings of length 1', async () => {
    const { pool } = randomVision(SMALL, 1);
    const vit = { ...randomVision({ ...SMALL, form: 'clip', dimension: 24 }, 2), pool, unit: true };
    expect((await rewritten(exportVision(vit))).cosines).toEqual(kept);
  });

  it('does not take another cut of the stored weight for its own', async () => {
    const swapped = changed((model) => {
      for (const { input, output } of nodesOf(model, 'Split')) if (!input[0]?.includes('in_proj')) output.reverse();
    });
    await expect(rewriteVision(swapped, { ports, scale })).rejects.toMatchObject({ code: 'rewrite_inexact' });
  });

  it('refuses several probes, one that the graph computes, and a mask', async () => {
    const several = changed((model) => {
      const probe = model.graph?.initializer.find(({ name }) => name.endsWith('.probe'));
      if (probe === undefined) return;
      probe.dims = [1n, 2n, 32n];
      probe.rawData = new Uint8Array(2 * probe.rawData.length);
    });
    await expect(rewriteVision(several, { ports, scale })).rejects.toThrow(refusal(/the probe of 32 values, found 64/));
    const computed = changed((model) => {
      for (const node of nodesOf(model, 'Tile')) node.opType = 'Pad';
    });
    await expect(rewriteVision(computed, { ports, scale })).rejects.toThrow(
      refusal(/the probe as stored float32, found Pad/),
    );
    const masked = changed((model) => {
      const softmax = nodesOf(model, 'Softmax').at(-1);
      const input = [softmax?.input[0] ?? '', 'mask'];
      if (softmax !== undefined) softmax.input[0] = 'masked';
      model.graph?.node.push(create(NodeProtoSchema, { opType: 'Add', input, output: ['masked'] }));
    });
    await expect(rewriteVision(masked, { ports, scale })).rejects.toThrow(
      refusal(/without a mask \(MatMul\), found Add \(masked\)/),
    );
  });
});

describe('the mean of tokens', () => {
  const clip = randomVision({ ...SMALL, form: 'clip', dimension: 24 }, 1);
  const { classToken: _, preNorm: __, ...bare } = clip;
  const patches = { ...bare, positions: clip.positions.subarray(SMALL.width) };
  const mean = (vit: VisionTransformer, skip: number, normed: 'before' | 'behind'): VisionTransformer => ({
    ...vit,
    pool: { kind: 'mean', skip, normed },
  });

  it.each([
    ['all of them, normed before', mean(clip, 0, 'before')],
    ['all of them, normed behind', mean(clip, 0, 'behind')],
    ['without the class token, normed before', mean(clip, 1, 'before')],
    ['without the class token, normed behind', mean(clip, 1, 'behind')],
    ['of patches that have none', mean(patches, 0, 'before')],
  ])('keeps the embeddings: %s', async (_what, vit) => {
    expect((await rewritten(exportVision(vit))).cosines).toEqual(kept);
  });

  it('refuses the mean of something else', async () => {
    const end = changed(
      (model) => {
        const stored = model.graph?.initializer.find(({ name }) => name === 'end');
        if (stored !== undefined) stored.rawData = new Uint8Array(BigInt64Array.of(4n).buffer);
      },
      mean(clip, 1, 'before'),
    );
    await expect(rewriteVision(end, { ports, scale })).rejects.toThrow(refusal(/found ReduceMean/));
    const channels = changed(
      (model) => {
        for (const { name, attribute } of nodesOf(model, 'ReduceMean'))
          for (const { ints } of attribute) if (ints[0] === 1n && name !== '') ints[0] = 2n;
      },
      mean(clip, 0, 'behind'),
    );
    await expect(rewriteVision(channels, { ports, scale })).rejects.toThrow(refusal(/pooled to one.*found ReduceMean/));
  });
});

describe('scaled branches', () => {
  it.each([
    ['behind', [32], (branch: string, factor: string) => [branch, factor]],
    ['before', [1, 1, 32], (branch: string, factor: string) => [factor, branch]],
  ] as const)('keeps the embeddings with a factor for each channel, %s', async (_, dims, order) => {
    const original = scaledBranches(dims, (...sides) => [...order(...sides)]);
    expect((await rewritten(original)).cosines).toEqual(kept);
  });

  it('refuses a factor for each token', async () => {
    const original = scaledBranches([16, 1], (branch, factor) => [branch, factor]);
    await expect(rewriteVision(original, { ports, scale })).rejects.toThrow(
      refusal(/a factor for each of 32 channels, found factors of \[16, 1\]/),
    );
  });
});
