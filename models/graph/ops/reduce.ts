import type { Graph, Value } from '../graph.ts';
import { axisOf, dimAt, sameShape, shapeError, shapeText, type Shape } from '../shape.ts';
import { div, mul, shift, sqrt } from './elementwise.ts';
import { unsqueeze } from './shape-ops.ts';

/** Sum over axes; they stay with size 1 when `keep`. */
export function sum(g: Graph, x: Value, axes: readonly number[], keep = false): Value {
  const at = axesOf(x.shape, axes);
  if (at.length === 0) return x;
  return g.record('ReduceSum', [x, g.ints(at)], reduced(x.shape, at, keep), { keepdims: { int: keep ? 1 : 0 } });
}

/** Mean over axes of fixed size. */
export function mean(g: Graph, x: Value, axes: readonly number[], keep = false): Value {
  const at = axesOf(x.shape, axes);
  if (at.length === 0) return x;
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
  checkChannels([gain, offset], [dimAt(x.shape, -1)]);
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
  const weights = unsqueeze(g, mask);
  const count = sum(g, mask, [1], true);
  return div(g, sum(g, mul(g, x, weights), [1]), shift(g, count, 1e-6));
}

/**
 * Batch normalisation of [N, C, H, W] (Ioffe and Szegedy, arXiv 1502.03167).
 *
 * Training graphs use the batch's statistics and register them under the names of `mean` and `variance`, whose running
 * average the training engine keeps (ONNX's own average has momentum 0, which gives the batch's); inference graphs use
 * these two, which the runtime folds into the convolution before.
 */
export function batchNorm(
  g: Graph,
  x: Value,
  p: { readonly gain: Value; readonly offset: Value; readonly mean: Value; readonly variance: Value },
  epsilon = 1e-5,
): Value {
  if (x.shape.length !== 4) throw shapeError(`batch normalisation is over [N, C, H, W], not ${shapeText(x.shape)}`);
  const inputs = [x, p.gain, p.offset, p.mean, p.variance];
  const channels: Shape = [dimAt(x.shape, 1)];
  checkChannels(inputs.slice(1), channels);
  if (!g.training) return g.record('BatchNormalization', inputs, x.shape, { epsilon: { float: epsilon } });
  const attributes = { epsilon: { float: epsilon }, momentum: { float: 0 }, training_mode: { int: 1 } };
  const [y, batchMean, batchVariance] = g.recordMany(
    'BatchNormalization',
    inputs,
    [x.shape, channels, channels],
    attributes,
  );
  g.statistics.set(p.mean.name, batchMean as Value);
  g.statistics.set(p.variance.name, batchVariance as Value);
  return y as Value;
}

function checkChannels(values: readonly Value[], shape: Shape): void {
  for (const value of values) {
    if (!sameShape(value.shape, shape))
      throw shapeError(`${value.name} is ${shapeText(value.shape)}, not ${shapeText(shape)}`);
  }
}

function axesOf(shape: Shape, axes: readonly number[]): number[] {
  const at = axes.map((axis) => axisOf(shape, axis));
  if (new Set(at).size !== at.length) throw shapeError(`axes ${axes.join()} of ${shapeText(shape)} repeat`);
  return at;
}

function reduced(shape: Shape, axes: readonly number[], keep: boolean): Shape {
  return keep ? shape.map((dim, i) => (axes.includes(i) ? 1 : dim)) : shape.filter((_, i) => !axes.includes(i));
}
