import type { LinearLayer } from '../vit/vision-transformer.ts';

/** The layer whose output is `factor` times as large. */
export function scaleOutput(layer: LinearLayer, factor: number): LinearLayer {
  const scaled = scaleInput(layer, factor);
  return layer.bias === undefined ? scaled : { ...scaled, bias: times(layer.bias, factor) };
}

/** The layer that gives the same for x as the given one for `factor` x. */
export function scaleInput(layer: LinearLayer, factor: number): LinearLayer {
  return { ...layer, weight: times(layer.weight, factor) };
}

function times(values: Float32Array, factor: number): Float32Array {
  return values.map((value) => value * factor);
}
