import type { LinearLayer } from '../vit/vision-transformer.ts';

/** An int8 matrix [input, output] and the step of each output: weight = values x scales. */
export interface QuantisedWeight {
  readonly values: Int8Array;
  readonly scales: Float32Array;
}

/**
 * Largest size of a weight. Processors without VNNI add two products of a byte and a weight in 16 bits and cut the sum off
 * there: 2 x 255 x 64 fits, 2 x 255 x 127 does not.
 */
const LARGEST = 64;

/** Symmetric int8 weights in [-64, 64] with a scale per output, so that no output pays for the range of another. */
export function quantiseWeight({ input, output, weight }: LinearLayer): QuantisedWeight {
  const scales = new Float32Array(output);
  for (let row = 0; row < input; row++)
    for (let column = 0; column < output; column++) {
      const size = Math.abs(weight[row * output + column] as number);
      if (size > (scales[column] as number)) scales[column] = size;
    }
  for (let column = 0; column < output; column++) scales[column] = Math.max(scales[column] as number, 1e-30) / LARGEST;
  const values = new Int8Array(weight.length);
  for (let row = 0; row < input; row++)
    for (let column = 0; column < output; column++) {
      const at = row * output + column;
      values[at] = Math.round((weight[at] as number) / (scales[column] as number));
    }
  return { values, scales };
}
