import type { LinearLayer } from '../vit/vision-transformer.ts';

/** The layer of some outputs of a linear layer that lie side by side: `count` of them, from output `from` on. */
export function cutOutputs({ input, output, weight, bias }: LinearLayer, from: number, count: number): LinearLayer {
  const cut = new Float32Array(input * count);
  for (let row = 0; row < input; row++)
    cut.set(weight.subarray(row * output + from, row * output + from + count), row * count);
  const layer = { input, output: count, weight: cut };
  return bias === undefined ? layer : { ...layer, bias: bias.slice(from, from + count) };
}
