import type { Graph, Value } from '../graph/graph.ts';
import {
  add,
  batchNorm,
  conv2d,
  div,
  gelu,
  layerNorm,
  linear,
  matMul,
  mean,
  relu,
  reshape,
  scale,
  shift,
  softmax,
  sqrt,
  square,
  sub,
  transpose,
} from '../graph/ops/index.ts';
import { bias, statistic, weight, type ParamValues } from '../graph/param.ts';
import { fixed } from '../graph/shape.ts';

/** Weights and bias of a linear layer; `gain` scales the first weights of std gain / sqrt(input). */
export function linearParams(input: number, output: number, gain = 1) {
  return { w: weight([input, output], gain / Math.sqrt(input)), b: bias([output]) };
}

export function normParams(size: number) {
  return { gain: bias([size], 1), offset: bias([size]) };
}

export function applyNorm(g: Graph, x: Value, p: ParamValues<ReturnType<typeof normParams>>): Value {
  return layerNorm(g, x, p.gain, p.offset);
}

/** A 3x3 convolution without bias and its batch normalisation, whose first gain is `gain`. */
function convNormParams(input: number, output: number, gain = 1) {
  return {
    w: weight([output, input, 3, 3], Math.sqrt(2 / (9 * input))),
    norm: {
      gain: bias([output], gain),
      offset: bias([output]),
      mean: statistic([output], 0),
      variance: statistic([output], 1),
    },
  };
}

function convNorm(g: Graph, x: Value, p: ParamValues<ReturnType<typeof convNormParams>>, stride = 1): Value {
  return batchNorm(g, conv2d(g, x, { w: p.w }, { stride, padding: 1 }), p.norm);
}

/** Two convolutions around a skip connection (He et al., arXiv 1512.03385). */
function residualParams(channels: number) {
  return { first: convNormParams(channels, channels), second: convNormParams(channels, channels, 0.2) };
}

function residual(g: Graph, x: Value, p: ParamValues<ReturnType<typeof residualParams>>): Value {
  return relu(g, add(g, x, convNorm(g, relu(g, convNorm(g, x, p.first)), p.second)));
}

/**
 * (x - mean) / deviation of each image [N, C, H, W] of levels of 255, which takes light and contrast out; a floor of 8
 * levels keeps the noise of flat images small.
 */
export function standardised(g: Graph, x: Value): Value {
  const axes = [1, 2, 3];
  const centred = sub(g, x, mean(g, x, axes, true));
  const variance = mean(g, square(g, centred), axes, true);
  return div(g, centred, sqrt(g, shift(g, variance, 64)));
}

/** Per stage a convolution that halves the side, of `widths` channels, and `blocks` residual blocks. */
export function convStagesParams(channels: number, widths: readonly number[], blocks: readonly number[]) {
  return widths.map((width, i) => ({
    enter: convNormParams(i === 0 ? channels : (widths[i - 1] ?? 0), width),
    blocks: Array.from({ length: blocks[i] ?? 0 }, () => residualParams(width)),
  }));
}

/** x [N, channels, side, side] to [N, widths.at(-1), side / 2 ** stages, same]. */
export function convStages(g: Graph, x: Value, stages: ParamValues<ReturnType<typeof convStagesParams>>): Value {
  let y = x;
  for (const stage of stages) {
    y = relu(g, convNorm(g, y, stage.enter, 2));
    for (const block of stage.blocks) y = residual(g, y, block);
  }
  return y;
}

/** A pre-norm transformer block (Xiong et al., arXiv 2002.04745) with a feed-forward layer of `width` units. */
export function transformerParams(size: number, width: number) {
  return {
    attentionNorm: normParams(size),
    query: linearParams(size, size),
    key: linearParams(size, size),
    value: linearParams(size, size),
    output: linearParams(size, size, 0.5),
    feedNorm: normParams(size),
    up: linearParams(size, width),
    down: linearParams(width, size, 0.5),
  };
}

/** x [N, T, C]; `attentionBias` broadcasts to [N, heads, T, T] and is added to the scores, as for padding. */
export function transformer(
  g: Graph,
  x: Value,
  p: ParamValues<ReturnType<typeof transformerParams>>,
  { heads, attentionBias }: { readonly heads: number; readonly attentionBias?: Value },
): Value {
  const [batch = 1, length = 1] = x.shape;
  const size = fixed(x.shape[2]);
  const each = size / heads;
  const normal = applyNorm(g, x, p.attentionNorm);
  const split = (value: Value, order: readonly number[]): Value =>
    transpose(g, reshape(g, value, [batch, length, heads, each]), order);
  const query = split(linear(g, normal, p.query), [0, 2, 1, 3]);
  const key = split(linear(g, normal, p.key), [0, 2, 3, 1]);
  const value = split(linear(g, normal, p.value), [0, 2, 1, 3]);
  const scores = scale(g, matMul(g, query, key), 1 / Math.sqrt(each));
  const weights = softmax(g, attentionBias === undefined ? scores : add(g, scores, attentionBias));
  const mixed = reshape(g, transpose(g, matMul(g, weights, value), [0, 2, 1, 3]), [batch, length, size]);
  const attended = add(g, x, linear(g, mixed, p.output));
  const fed = linear(g, gelu(g, linear(g, applyNorm(g, attended, p.feedNorm), p.up)), p.down);
  return add(g, attended, fed);
}
