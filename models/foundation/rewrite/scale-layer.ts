import type { LinearLayer } from '../vit/vision-transformer.ts';

/** The layer whose outputs are `factor` times as large, each by its own where there are several. */
export function scaleOutput(layer: LinearLayer, factor: number | Float32Array): LinearLayer {
  const by = (i: number): number => (typeof factor === 'number' ? factor : (factor[i % layer.output] as number));
  const times = (values: Float32Array): Float32Array => values.map((value, i) => value * by(i));
  const scaled = { ...layer, weight: times(layer.weight) };
  return layer.bias === undefined ? scaled : { ...scaled, bias: times(layer.bias) };
}

/** The layer that gives the same for x as the given one for `factor` x. */
export function scaleInput(layer: LinearLayer, factor: number): LinearLayer {
  return { ...layer, weight: layer.weight.map((value) => value * factor) };
}
