import type { LinearLayer } from './vision-transformer.ts';

/** Linear layers of one input as one layer, their outputs side by side; a missing bias counts as zeros. */
export function joinOutputs(layers: readonly LinearLayer[]): LinearLayer {
  const [first] = layers;
  const input = first?.input ?? 0;
  const output = layers.reduce((sum, layer) => sum + layer.output, 0);
  const weight = new Float32Array(input * output);
  const bias = new Float32Array(output);
  let at = 0;
  for (const layer of layers) {
    for (let row = 0; row < input; row++)
      weight.set(layer.weight.subarray(row * layer.output, (row + 1) * layer.output), row * output + at);
    if (layer.bias !== undefined) bias.set(layer.bias, at);
    at += layer.output;
  }
  return { input, output, weight, bias };
}
