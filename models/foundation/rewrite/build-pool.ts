import type { OnnxBuilder } from '../../graph/onnx/onnx-builder.ts';
import type { ProbePool, VisionTransformer } from '../vit/vision-transformer.ts';
import { feedForward, floatLinear, norm, type Linear } from './build-layers.ts';
import { foldProbe } from './fold-probe.ts';

/** The tokens that the last block gave, [N, T, D] or the first alone [N, 1, D], normed and pooled to [N, D]. */
export function buildPool(b: OnnxBuilder, x: string, vit: VisionTransformer, linear: Linear): string {
  const { pool, postNorm, width } = vit;
  const normed = (value: string): string => norm(b, value, postNorm, 'post_norm');
  if (pool.kind === 'probe') return probe(b, normed(x), pool, linear);
  if (pool.kind === 'token') return normed(b.node('Reshape', [x, b.ints(-1, width)]));
  const mean = (value: string): string => {
    const count = vit.positions.length / width - pool.skip;
    const kept = pool.skip === 0 ? value : b.node('Slice', [value, b.ints(pool.skip), b.ints(2 ** 31 - 1), b.ints(1)]);
    const sum = b.node('ReduceSum', [kept, b.ints(1)], { keepdims: { int: 0 } });
    return b.node('Mul', [sum, b.scalar(1 / count)]);
  };
  return pool.normed === 'before' ? mean(normed(x)) : normed(mean(x));
}

/**
 * A probe's attention: each head weighs the tokens as they are, by their products with what it asks (see foldProbe), and
 * makes a value of the one weighed token instead of all.
 */
function probe(b: OnnxBuilder, x: string, pool: ProbePool, linear: Linear): string {
  const { heads, value, output } = pool;
  const { input: width, output: whole } = value;
  const scores = floatLinear(b, x, foldProbe(pool), 'probe.scores');
  const weights = b.node('Softmax', [b.node('Transpose', [scores], { perm: { ints: [0, 2, 1] } })], {
    axis: { int: -1 },
  });
  const weighed = b.node('Unsqueeze', [b.node('MatMul', [weights, x]), b.ints(2)]);
  const size = whole / heads;
  const byHead = new Float32Array(value.weight.length);
  for (let head = 0; head < heads; head++)
    for (let row = 0; row < width; row++) {
      const from = row * whole + head * size;
      byHead.set(value.weight.subarray(from, from + size), (head * width + row) * size);
    }
  const values = b.node('MatMul', [weighed, b.tensor('probe.value.weight', [heads, width, size], byHead)]);
  const joined = b.node('Reshape', [values, b.ints(-1, whole)]);
  const mixed =
    value.bias === undefined ? joined : b.node('Add', [joined, b.tensor('probe.value.bias', [whole], value.bias)]);
  const attended = floatLinear(b, mixed, output, 'probe.output');
  return b.node('Add', [attended, feedForward(b, attended, pool, pool.activation, 'probe', linear)]);
}
