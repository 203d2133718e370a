import type { OnnxBuilder } from '../../graph/onnx/onnx-builder.ts';
import { dimension, feedForward, linear, norm, target } from './export-layers.ts';
import { joinOutputs } from './join-outputs.ts';
import type { LinearLayer, ProbePool, VisionTransformer } from './vision-transformer.ts';

/** Tokens [N, T, D] normed and pooled to [N, D], as transformers and timm do it. */
export function exportPool(b: OnnxBuilder, x: string, vit: VisionTransformer, root: string): string {
  const { pool, postNorm } = vit;
  const normed = (value: string): string => norm(b, value, postNorm, `${root}/post_layernorm`);
  const first = (value: string): string =>
    b.node('Gather', [value, b.tensor('first', [], BigInt64Array.of(0n))], { axis: { int: 1 } });
  if (pool.kind === 'token') return normed(first(x));
  if (pool.kind === 'probe') return first(exportProbe(b, normed(x), pool, `${root}/head`));
  const mean = (value: string): string => {
    const end = b.tensor('end', [1], BigInt64Array.of(2n ** 63n - 1n));
    const kept = pool.skip === 0 ? value : b.node('Slice', [value, b.ints(pool.skip), end, b.ints(1), b.ints(1)]);
    return b.node('ReduceMean', [kept], { axes: { ints: [1] }, keepdims: { int: 0 } });
  };
  return pool.normed === 'before' ? mean(normed(x)) : normed(mean(x));
}

/** The attention of PyTorch's module, whose one stored weight the graph cuts, with tokens before the batch. */
function exportProbe(b: OnnxBuilder, x: string, pool: ProbePool, name: string): string {
  const { probe, heads } = pool;
  const width = probe.length;
  const size = width / heads;
  const batch = dimension(b, x, 0, `${name}/batch`);
  const heap = b.node('Mul', [batch, b.tensor(`${name}/heads`, [], BigInt64Array.of(BigInt(heads)))]);
  const repeated = b.node('Tile', [b.tensor(`${name}.probe`, [1, 1, width], probe), target(b, [batch, 1, 1])]);
  const swap = { perm: { ints: [1, 0, 2] } };

  const { weight, bias = new Float32Array(3 * width) } = turned(joinOutputs([pool.query, pool.key, pool.value]));
  const cut = { axis: { int: 0 } };
  const parts = (stored: string): string[] => b.nodes('Split', [stored, b.ints(width, 2 * width)], 2, cut);
  const weights = parts(b.tensor(`${name}.attention.in_proj_weight`, [3 * width, width], weight));
  const biases = parts(b.tensor(`${name}.attention.in_proj_bias`, [3 * width], bias));
  const [query = '', both = ''] = [repeated, x].map((value, i) => {
    const part = b.node('Transpose', [weights[i] ?? ''], { perm: { ints: [1, 0] } });
    return b.node('Add', [biases[i] ?? '', b.node('MatMul', [b.node('Transpose', [value], swap), part])]);
  });
  const apart = b.nodes('Split', [both, b.ints(width, width)], 2, { axis: { int: -1 } });
  const [asked = '', keys = '', values = ''] = [query, ...apart].map((value, i) => {
    const split = b.node('Reshape', [value, target(b, [i === 0 ? 1 : -1, heap, size])]);
    return b.node('Transpose', [split], { perm: { ints: i === 1 ? [1, 2, 0] : [1, 0, 2] } });
  });
  const scores = b.node('MatMul', [b.node('Mul', [asked, b.scalar(size ** -0.5)]), keys]);
  const mixed = b.node('MatMul', [b.node('Softmax', [scores], { axis: { int: -1 } }), values]);
  const joined = b.node('Reshape', [b.node('Transpose', [mixed], swap), target(b, [batch, width])]);
  const attended = b.node('Reshape', [
    linear(b, joined, pool.output, `${name}/attention/out_proj`),
    target(b, [batch, 1, width]),
  ]);
  const normal = norm(b, attended, pool.feedNorm, `${name}/layernorm`);
  return b.node('Add', [attended, feedForward(b, normal, pool, pool.activation, name)]);
}

/** A layer with its weight as PyTorch stores it, [output, input]. */
function turned({ input, output, weight, bias }: LinearLayer): Pick<LinearLayer, 'weight' | 'bias'> {
  const out = new Float32Array(weight.length);
  for (let row = 0; row < input; row++)
    for (let i = 0; i < output; i++) out[i * input + row] = weight[row * output + i] as number;
  return bias === undefined ? { weight: out } : { weight: out, bias };
}
