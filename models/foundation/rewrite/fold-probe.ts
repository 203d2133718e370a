import type { LinearLayer, ProbePool } from '../vit/vision-transformer.ts';

/**
 * What a probe asks of tokens, as a layer from a token to its score for each head. With the query q of the probe, known
 * beforehand, and keys x K + k, a score is
 *
 *     q (x K + k) / sqrt(d) = x (K q / sqrt(d)) + q k / sqrt(d),
 *
 * whose last part is the same for every token, and so nothing to the weights: no token needs a key.
 */
export function foldProbe({ probe, heads, query, key }: ProbePool): LinearLayer {
  const { input: width, output } = key;
  const size = output / heads;
  const asked = Float64Array.from({ length: output }, (_, i) => {
    let sum: number = query.bias?.[i] ?? 0;
    for (const [row, value] of probe.entries()) sum += value * (query.weight[row * output + i] as number);
    return sum / Math.sqrt(size);
  });
  const weight = new Float32Array(width * heads);
  for (let row = 0; row < width; row++)
    for (let head = 0; head < heads; head++) {
      let sum = 0;
      for (let i = head * size; i < (head + 1) * size; i++)
        sum += (key.weight[row * output + i] as number) * (asked[i] as number);
      weight[row * heads + head] = sum;
    }
  return { input: width, output: heads, weight };
}
