import type { Graph, Value } from '../graph.ts';
import { axisOf, fixed, type Shape } from '../shape.ts';
import { add, div, mul, scale, shift, sqrt, sub } from './elementwise.ts';

/** Sum over axes; they stay with size 1 when `keep`. */
export function sum(g: Graph, x: Value, axes: readonly number[], keep = false): Value {
  const at = axes.map((axis) => axisOf(x.shape, axis));
  return g.record('ReduceSum', [x, g.ints(at)], reduced(x.shape, at, keep), { keepdims: { int: keep ? 1 : 0 } });
}

/** Mean over axes of fixed size. */
export function mean(g: Graph, x: Value, axes: readonly number[], keep = false): Value {
  const at = axes.map((axis) => axisOf(x.shape, axis));
  return g.record('ReduceMean', [x, g.ints(at)], reduced(x.shape, at, keep), { keepdims: { int: keep ? 1 : 0 } });
}

/** Mean over everything, as a scalar. */
export function meanAll(g: Graph, x: Value): Value {
  return mean(
    g,
    x,
    x.shape.map((_, i) => i),
  );
}

/** Softmax over the last axis. */
export function softmax(g: Graph, x: Value): Value {
  return g.record('Softmax', [x], x.shape, { axis: { int: -1 } });
}

/** Logarithm of the softmax over the last axis. */
export function logSoftmax(g: Graph, x: Value): Value {
  return g.record('LogSoftmax', [x], x.shape, { axis: { int: -1 } });
}

/** Layer normalisation over the last axis (Ba et al., arXiv 1607.06450). `gain` and `offset`: [C]. */
export function layerNorm(g: Graph, x: Value, gain: Value, offset: Value, epsilon = 1e-5): Value {
  const rows: Shape = [...x.shape.slice(0, -1), 1];
  const attributes = { axis: { int: -1 }, epsilon: { float: epsilon } };
  const [y] = g.recordMany('LayerNormalization', [x, gain, offset], [x.shape, rows, rows], attributes);
  return y as Value;
}

/** x / sqrt(sum x^2 + epsilon) over the last axis. */
export function l2Normalize(g: Graph, x: Value, epsilon = 1e-12): Value {
  return div(g, x, sqrt(g, shift(g, sum(g, mul(g, x, x), [-1], true), epsilon)));
}

/** Mean over axis 1 of [N, T, C] weighted by a mask [N, T]; zeros where the mask is empty. */
export function maskedMean(g: Graph, x: Value, mask: Value): Value {
  const weights = g.record('Unsqueeze', [mask, g.ints([-1])], [...mask.shape, 1]);
  const count = sum(g, mask, [1], true);
  return div(g, sum(g, mul(g, x, weights), [1]), add(g, count, g.scalar(1e-6)));
}

/**
 * Batch normalisation of [N, C, H, W] (Ioffe and Szegedy, arXiv 1502.03167).
 *
 * Training graphs use the batch's statistics and register them under the names of `mean` and `variance`, whose running
 * average the training engine keeps; inference graphs use these two, as one factor and one constant per channel, which the
 * runtime folds into the convolution before.
 */
export function batchNorm(
  g: Graph,
  x: Value,
  p: { readonly gain: Value; readonly offset: Value; readonly mean: Value; readonly variance: Value },
  epsilon = 1e-5,
): Value {
  const channels = fixed(x.shape[1]);
  const column = (value: Value): Value =>
    g.record('Reshape', [value, g.ints([1, channels, 1, 1])], [1, channels, 1, 1]);
  if (!g.training) {
    const factor = div(g, column(p.gain), sqrt(g, shift(g, column(p.variance), epsilon)));
    const constant = sub(g, column(p.offset), mul(g, column(p.mean), factor));
    return add(g, mul(g, x, factor), constant);
  }
  const centre = mean(g, x, [0, 2, 3], true);
  const centred = sub(g, x, centre);
  const variance = mean(g, mul(g, centred, centred), [0, 2, 3], true);
  g.statistics.set(p.mean.name, g.record('Reshape', [centre, g.ints([channels])], [channels]));
  g.statistics.set(p.variance.name, g.record('Reshape', [variance, g.ints([channels])], [channels]));
  const factor = div(g, column(p.gain), sqrt(g, shift(g, variance, epsilon)));
  return add(g, mul(g, centred, factor), column(p.offset));
}

/** Mean over all but the first axis, as for a per-sample loss. */
export function meanOfRest(g: Graph, x: Value): Value {
  const axes = x.shape.map((_, i) => i).slice(1);
  const size = axes.reduce((n, axis) => n * fixed(x.shape[axis]), 1);
  return scale(g, sum(g, x, axes), 1 / size);
}

function reduced(shape: Shape, axes: readonly number[], keep: boolean): Shape {
  return keep ? shape.map((dim, i) => (axes.includes(i) ? 1 : dim)) : shape.filter((_, i) => !axes.includes(i));
}
