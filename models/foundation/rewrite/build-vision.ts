import { CONTRIB, OnnxBuilder } from '../../graph/onnx/onnx-builder.ts';
import { joinOutputs } from '../vit/join-outputs.ts';
import type { VisionTransformer } from '../vit/vision-transformer.ts';
import { feedForward, floatLinear, norm, quantisedLinear, type Linear } from './build-layers.ts';
import { buildPool } from './build-pool.ts';
import { foldPixels, quantisePixels, type PixelScale } from './fold-pixels.ts';

export interface BuildVisionOptions {
  readonly precision: 'float32' | 'int8';
  readonly pixels: PixelScale;
  readonly output: string;
}

/** Input of a rewritten graph: uint8 [N, size, size, 3], RGB, rows from the top. */
export const PIXELS = 'pixels';

/**
 * Writes a Vision Transformer for onnxruntime on a CPU: bytes in, the patches as one matrix product, query, key and value
 * as another, attention as one node, and the last block for the class token alone where nothing reads its other tokens.
 *
 * In `int8` every product of the blocks has int8 weights with a scale per output and activations that are rounded to 8
 * bits as they come (DynamicQuantizeMatMul); patches are bytes as they are. Norms, attention weights, the attention of a
 * probe and the projection stay float32.
 */
export function buildVision(vit: VisionTransformer, options: BuildVisionOptions): Uint8Array<ArrayBuffer> {
  const b = new OnnxBuilder();
  const int8 = options.precision === 'int8';
  const { width, heads, imageSize, patch } = vit;
  const linear: Linear = (x, layer, name) =>
    int8 ? quantisedLinear(b, x, layer, name) : floatLinear(b, x, layer, name);

  const side = imageSize / patch;
  const cut = b.node('Reshape', [PIXELS, b.ints(-1, side, patch, side, patch, 3)]);
  const turned = b.node('Transpose', [cut], { perm: { ints: [0, 1, 3, 2, 4, 5] } });
  const rows = b.node('Reshape', [turned, b.ints(-1, side * side, patch * patch * 3)]);
  const patches = int8 ? quantisedPatches(b, rows, vit, options.pixels) : floatPatches(b, rows, vit, options.pixels);
  const tokens = vit.positions.length / width;
  const padded = vit.classToken === undefined ? patches : b.node('Pad', [patches, b.ints(0, 1, 0, 0, 0, 0)]);
  let x = b.node('Add', [padded, b.tensor('positions', [1, tokens, width], startOf(vit))]);
  if (vit.preNorm !== undefined) x = norm(b, x, vit.preNorm, 'pre_norm');

  for (const [i, block] of vit.blocks.entries()) {
    const name = `block_${i}`;
    const normal = norm(b, x, block.attentionNorm, `${name}.attention_norm`);
    const last = vit.pool.kind === 'token' && i === vit.blocks.length - 1;
    const first = (value: string): string => (last ? b.node('Slice', [value, b.ints(0), b.ints(1), b.ints(1)]) : value);
    const [query, key, value] = last
      ? [
          linear(first(normal), block.query, `${name}.query`),
          ...split(b, linear(normal, joinOutputs([block.key, block.value]), `${name}.key_value`), 2, width),
        ]
      : split(
          b,
          linear(normal, joinOutputs([block.query, block.key, block.value]), `${name}.query_key_value`),
          3,
          width,
        );
    const mixed = attention(b, [query ?? '', key ?? '', value ?? ''], heads, options.precision);
    const attended = b.node('Add', [first(x), linear(mixed, block.output, `${name}.output`)]);
    x = b.node('Add', [attended, feedForward(b, attended, block, vit.activation, name, linear)]);
  }

  const pooled = buildPool(b, x, vit, linear);
  const projected = vit.projection === undefined ? pooled : floatLinear(b, pooled, vit.projection, 'projection');
  b.node('Identity', [vit.unit === true ? unitLength(b, projected) : projected], {}, { name: options.output });
  return b.build({
    name: `vision_transformer_${options.precision}`,
    opset: int8 ? 23 : 17,
    inputs: [{ name: PIXELS, type: 'uint8', shape: ['N', imageSize, imageSize, 3] }],
    outputs: [{ name: options.output, type: 'float32', shape: ['N', vit.projection?.output ?? width] }],
  });
}

/** Rows over their lengths, by operators that are the same in every operator set. */
function unitLength(b: OnnxBuilder, x: string): string {
  const squares = b.node('ReduceSum', [b.node('Mul', [x, x]), b.ints(-1)]);
  return b.node('Div', [x, b.node('Sqrt', [squares])]);
}

/** On a processor ONNX's own operator (of opset 23) is faster; other providers, which run no int8, know the runtime's. */
function attention(
  b: OnnxBuilder,
  inputs: readonly string[],
  heads: number,
  precision: BuildVisionOptions['precision'],
): string {
  return precision === 'int8'
    ? b.node('Attention', inputs, { q_num_heads: { int: heads }, kv_num_heads: { int: heads } })
    : b.node('MultiHeadAttention', inputs, { num_heads: { int: heads } }, { domain: CONTRIB });
}

function floatPatches(b: OnnxBuilder, rows: string, vit: VisionTransformer, pixels: PixelScale): string {
  return floatLinear(b, b.node('Cast', [rows], { to: { int: 1 } }), foldPixels(vit, pixels), 'patches');
}

/** Bytes times int8 weights: the pixels are exact, and nothing has to be measured or rounded. */
function quantisedPatches(b: OnnxBuilder, rows: string, vit: VisionTransformer, pixels: PixelScale): string {
  const { values, scales, bias } = quantisePixels(vit, pixels);
  const { width } = vit;
  const inputs = [
    rows,
    b.tensor('patches.weight', [values.length / width, width], values),
    b.scalar(1),
    b.tensor('patches.scales', [width], scales),
    b.tensor('patches.zero', [], Uint8Array.of(0)),
    b.tensor('patches.zeros', [width], new Int8Array(width)),
    b.tensor('patches.bias', [width], bias),
  ];
  return b.node('MatMulIntegerToFloat', inputs, {}, { domain: CONTRIB });
}

/** Positions [T, D], with the class token, where there is one, added to the first. */
function startOf({ positions, classToken }: VisionTransformer): Float32Array {
  const start = positions.slice();
  for (const [i, value] of classToken?.entries() ?? []) start[i] = (start[i] as number) + value;
  return start;
}

/** Parts of `width` values each. */
function split(b: OnnxBuilder, x: string, parts: number, width: number): string[] {
  const widths = Array.from({ length: parts }, () => width);
  return b.nodes('Split', [x, b.ints(...widths)], parts, { axis: { int: -1 } });
}
