import type { LinearLayer, VisionTransformer } from '../vit/vision-transformer.ts';
import { quantiseWeight, type QuantisedWeight } from './quantise-weight.ts';

/** What a model's preprocessing subtracts from and divides a channel by, after division by 255; RGB. */
export interface PixelScale {
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/**
 * The patch convolution as a matrix over uint8 patches [patch, patch, 3], rows from the top: with mean and std folded in,
 *
 *     y = sum_k x_k W_k / (255 std) + bias - sum_k W_k mean / std.
 */
export function foldPixels(vit: VisionTransformer, scale: PixelScale): Required<LinearLayer> {
  const { patch, width, patchWeight } = vit;
  const input = patch * patch * 3;
  const weight = new Float32Array(input * width);
  for (let out = 0; out < width; out++)
    for (let channel = 0; channel < 3; channel++) {
      const from = (out * 3 + channel) * patch * patch;
      const by = 1 / (255 * (scale.std[channel] as number));
      for (let i = 0; i < patch * patch; i++)
        weight[(i * 3 + channel) * width + out] = (patchWeight[from + i] as number) * by;
    }
  return {
    input,
    output: width,
    weight,
    bias: meanBias(vit, scale, (row, out) => weight[row * width + out] as number),
  };
}

/**
 * The same in int8. The mean is subtracted with the rounded weights, so that rounding acts on the distance of a pixel from
 * the mean and not from black.
 */
export function quantisePixels(
  vit: VisionTransformer,
  scale: PixelScale,
): QuantisedWeight & { readonly bias: Float32Array } {
  const folded = foldPixels(vit, scale);
  const { values, scales } = quantiseWeight(folded);
  const weightAt = (row: number, out: number): number =>
    (values[row * vit.width + out] as number) * (scales[out] as number);
  return { values, scales, bias: meanBias(vit, scale, weightAt) };
}

function meanBias(
  { patch, width, patchBias }: VisionTransformer,
  { mean }: PixelScale,
  weightAt: (row: number, out: number) => number,
): Float32Array {
  const sums = new Float64Array(width);
  for (let row = 0; row < patch * patch * 3; row++)
    for (let out = 0; out < width; out++)
      sums[out] = (sums[out] as number) + weightAt(row, out) * 255 * (mean[row % 3] as number);
  return Float32Array.from(sums, (sum, out) => (patchBias?.[out] ?? 0) - sum);
}
