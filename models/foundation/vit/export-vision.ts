import { OnnxBuilder } from '../../graph/onnx/onnx-builder.ts';
import { dimension, feedForward, linear, norm, target } from './export-layers.ts';
import { exportPool } from './export-pool.ts';
import { joinOutputs } from './join-outputs.ts';
import type { VisionTransformer, VitBlock } from './vision-transformer.ts';

export interface ExportOptions {
  /** Query, key and value as one stored matrix, as timm and open_clip have them, instead of one each. */
  readonly fused?: boolean;
  /** Name of the embedding; SigLIP's is `pooler_output`. */
  readonly output?: string;
}

/** Names of inputs and outputs in published files of CLIP. */
export const VISION_PORTS = { input: 'pixel_values', output: 'image_embeds' } as const;

/**
 * Writes a Vision Transformer as the files on the hub hold it: float32, the node patterns of PyTorch's ONNX exporter at
 * opset 14 with the attention of transformers (heads folded into the batch, shapes computed in the graph), decomposed
 * norms, activations as products around a sigmoid, erf or tanh.
 *
 * `pixel_values` float32 [batch_size, 3, height, width] to `image_embeds` [batch_size, d] and `last_hidden_state`.
 */
export function exportVision(vit: VisionTransformer, options: ExportOptions = {}): Uint8Array<ArrayBuffer> {
  const { fused = false, output = VISION_PORTS.output } = options;
  const b = new OnnxBuilder();
  const { width, patch } = vit;
  const root = '/vision_model';
  const batch = dimension(b, VISION_PORTS.input, 0, `${root}/embeddings`);

  const weight = b.tensor('embeddings.patch_embedding.weight', [width, 3, patch, patch], vit.patchWeight);
  const bias = vit.patchBias === undefined ? [] : [b.tensor('embeddings.patch_embedding.bias', [width], vit.patchBias)];
  const conv = b.node('Conv', [VISION_PORTS.input, weight, ...bias], {
    dilations: { ints: [1, 1] },
    group: { int: 1 },
    kernel_shape: { ints: [patch, patch] },
    pads: { ints: [0, 0, 0, 0] },
    strides: { ints: [patch, patch] },
  });
  const flat = b.node('Reshape', [conv, target(b, [batch, width, -1])]);
  const rows = b.node('Transpose', [flat], { perm: { ints: [0, 2, 1] } });
  const tokens = vit.positions.length / width;
  const ids = b.tensor(
    'embeddings.position_ids',
    [1, tokens],
    BigInt64Array.from({ length: tokens }, (_, i) => BigInt(i)),
  );
  const table = b.tensor('embeddings.position_embedding.weight', [tokens, width], vit.positions);
  const all = vit.classToken === undefined ? rows : withClassToken(b, rows, vit.classToken, batch);
  let x = b.node('Add', [all, b.node('Gather', [table, ids])]);
  if (vit.preNorm !== undefined) x = norm(b, x, vit.preNorm, `${root}/pre_layrnorm`);
  for (const [i, block] of vit.blocks.entries())
    x = exportBlock(b, x, block, { ...vit, fused }, `${root}/encoder/layers.${i}`);
  b.node('Identity', [x], {}, { name: 'last_hidden_state' });
  const pooled = exportPool(b, x, vit, root);
  const projected =
    vit.projection === undefined
      ? pooled
      : b.node('MatMul', [
          pooled,
          b.tensor('visual_projection.weight', [width, vit.projection.output], vit.projection.weight),
        ]);
  const length = { axes: { ints: [-1] }, keepdims: { int: 1 } };
  if (vit.unit === true) b.node('Div', [projected, b.node('ReduceL2', [projected], length)], {}, { name: output });
  else b.node('Identity', [projected], {}, { name: output });
  return b.build({
    name: 'torch_jit',
    opset: 14,
    inputs: [{ name: VISION_PORTS.input, type: 'float32', shape: ['batch_size', 3, 'height', 'width'] }],
    outputs: [
      { name: output, type: 'float32', shape: ['batch_size', vit.projection?.output ?? width] },
      { name: 'last_hidden_state', type: 'float32', shape: ['batch_size', tokens, width] },
    ],
  });
}

function withClassToken(b: OnnxBuilder, rows: string, classToken: Float32Array, batch: string): string {
  const token = b.tensor('embeddings.class_embedding', [classToken.length], classToken);
  const repeated = b.node('Expand', [token, target(b, [batch, 1, classToken.length])]);
  return b.node('Concat', [repeated, rows], { axis: { int: 1 } });
}

type BlockForm = Pick<VisionTransformer, 'width' | 'heads' | 'activation'> & Required<Pick<ExportOptions, 'fused'>>;

function exportBlock(b: OnnxBuilder, x: string, block: VitBlock, form: BlockForm, name: string): string {
  const attention = (form.fused ? exportFusedAttention : exportAttention)(
    b,
    norm(b, x, block.attentionNorm, `${name}/layer_norm1`),
    block,
    form,
    `${name}/self_attn`,
  );
  const attended = b.node('Add', [x, attention], {}, { name: `${name}/Add_output_0` });
  const down = feedForward(b, norm(b, attended, block.feedNorm, `${name}/layer_norm2`), block, form.activation, name);
  return b.node('Add', [attended, down], {}, { name: `${name}/Add_1_output_0` });
}

function exportAttention(b: OnnxBuilder, x: string, block: VitBlock, form: BlockForm, name: string): string {
  const { heads, width } = form;
  const size = width / heads;
  const batch = dimension(b, x, 0, `${name}/batch`);
  const tokens = dimension(b, x, 1, `${name}/tokens`);
  const heap = b.node('Mul', [batch, b.tensor(`${name}/heads`, [], BigInt64Array.of(BigInt(heads)))]);
  const split = (value: string, length: string | number): string => {
    const parts = b.node('Reshape', [value, target(b, [batch, length, heads, size])]);
    const turned = b.node('Transpose', [parts], { perm: { ints: [0, 2, 1, 3] } });
    return b.node('Reshape', [turned, target(b, [heap, -1, size])]);
  };
  const query = b.node('Mul', [linear(b, x, block.query, `${name}/q_proj`), b.scalar(size ** -0.5)]);
  const key = split(linear(b, x, block.key, `${name}/k_proj`), -1);
  const value = split(linear(b, x, block.value, `${name}/v_proj`), -1);
  const turnedKey = b.node('Transpose', [key], { perm: { ints: [0, 2, 1] } });
  const scores = b.node('MatMul', [split(query, tokens), turnedKey]);
  const mixed = b.node('MatMul', [b.node('Softmax', [scores], { axis: { int: -1 } }), value]);
  const parts = b.node('Reshape', [mixed, target(b, [batch, heads, tokens, size])]);
  const joined = b.node('Reshape', [
    b.node('Transpose', [parts], { perm: { ints: [0, 2, 1, 3] } }),
    target(b, [batch, tokens, width]),
  ]);
  return linear(b, joined, block.output, `${name}/out_proj`);
}

/** The attention of timm, without its fused operator. */
function exportFusedAttention(b: OnnxBuilder, x: string, block: VitBlock, form: BlockForm, name: string): string {
  const { heads, width } = form;
  const size = width / heads;
  const batch = dimension(b, x, 0, `${name}/batch`);
  const tokens = dimension(b, x, 1, `${name}/tokens`);
  const joined = linear(b, x, joinOutputs([block.query, block.key, block.value]), `${name}/qkv`);
  const parts = b.node('Reshape', [joined, target(b, [batch, tokens, 3, heads, size])]);
  const turned = b.node('Transpose', [parts], { perm: { ints: [2, 0, 3, 1, 4] } });
  const part = (i: number): string =>
    b.node('Gather', [turned, b.tensor(`part_${i}`, [], BigInt64Array.of(BigInt(i)))], { axis: { int: 0 } });
  const query = b.node('Mul', [part(0), b.scalar(size ** -0.5)]);
  const turnedKey = b.node('Transpose', [part(1)], { perm: { ints: [0, 1, 3, 2] } });
  const weights = b.node('Softmax', [b.node('MatMul', [query, turnedKey])], { axis: { int: -1 } });
  const mixed = b.node('Transpose', [b.node('MatMul', [weights, part(2)])], { perm: { ints: [0, 2, 1, 3] } });
  return linear(b, b.node('Reshape', [mixed, target(b, [batch, tokens, width])]), block.output, `${name}/out_proj`);
}
