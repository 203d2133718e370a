import { Graph, type Value } from '../../models/graph/graph.ts';
import { clip, concat, reshape, scale, shift, toFloat, transpose } from '../../models/graph/ops/index.ts';
import { dimAt, fixed } from '../../models/graph/shape.ts';
import type { Weight } from './ssd-weights.ts';

/** Side of the square input in pixels. */
export const SSD_SIZE = 512;
const BLOCKS = 13;
/** Blocks that halve the side. */
const HALVING = new Set([2, 4, 6, 12]);
/** The block whose output the finest boxes are read from, beside the last one's. */
const FINEST = 11;
const EXTRA_LAYERS = 8;
const EPSILON = 1e-3;

/**
 * A single-shot detector (Liu et al., arXiv 1512.02325) over MobileNetV1 (arXiv 1704.04861), for inference: pixels uint8
 * [1, 512, 512, 3] to boxes [1, P, 4], offsets from the P prior boxes, and classes [1, P, 3], logits of which the
 * second is a face's.
 */
export function ssdGraph(weights: ReadonlyMap<string, Weight>): Graph {
  const g = new Graph();
  const weight = (name: string): Weight => {
    const found = weights.get(name);
    if (found === undefined) throw new Error(`the face detector has no ${name}`);
    return found;
  };
  const vector = (name: string): Float32Array => weight(name).values;
  const constant = ({ values, shape }: Weight): Value => g.constant(values, shape);

  const full = (x: Value, name: string, bias: string, stride = 1): Value =>
    convolve(g, x, constant(filters(weight(name))), g.constant(vector(bias), [vector(bias).length]), { stride });
  const layer = (x: Value, name: string, stride = 1): Value =>
    clip(g, full(x, `${name}/weights`, `${name}/convolution_bn_offset`, stride), 0, 6);
  const depthwise = (x: Value, name: string, stride: number): Value => {
    const norm = (part: string): Float32Array => vector(`${name}/BatchNorm/${part}`);
    const { w, b } = normalised(weight(`${name}/depthwise_weights`), {
      gain: norm('gamma'),
      offset: norm('beta'),
      mean: norm('moving_mean'),
      variance: norm('moving_variance'),
    });
    const groups = b.length;
    return clip(g, convolve(g, x, constant(w), g.constant(b, [groups]), { stride, groups }), 0, 6);
  };

  const pixels = g.input('pixels', [1, SSD_SIZE, SSD_SIZE, 3], 'uint8');
  const levels = transpose(g, toFloat(g, pixels), [0, 3, 1, 2]);
  let x = layer(shift(g, scale(g, levels, 1 / 127.5), -1), 'MobilenetV1/Conv2d_0_pointwise', 2);
  const read: Value[] = [];
  for (let block = 1; block <= BLOCKS; block++) {
    const name = `MobilenetV1/Conv2d_${block}`;
    x = layer(depthwise(x, `${name}_depthwise`, HALVING.has(block) ? 2 : 1), `${name}_pointwise`);
    if (block === FINEST || block === BLOCKS) read.push(x);
  }
  for (let extra = 0; extra < EXTRA_LAYERS; extra++) {
    const halves = extra % 2 === 1;
    x = layer(x, `Prediction/Conv2d_${extra}_pointwise`, halves ? 2 : 1);
    if (halves) read.push(x);
  }
  const predicted = (kind: string, width: number): Value =>
    concat(
      g,
      read.map((features, i) => {
        const name = `Prediction/BoxPredictor_${i}/${kind}`;
        const rows = transpose(g, full(features, `${name}/weights`, `${name}/biases`), [0, 2, 3, 1]);
        return reshape(g, rows, [1, rows.shape.reduce<number>((n, dim) => n * fixed(dim), 1) / width, width]);
      }),
      1,
    );
  g.output('boxes', predicted('BoxEncodingPredictor', 4));
  g.output('classes', predicted('ClassPredictor', 3));
  return g;
}

/** TensorFlow's "same" convolution of an even side: where it halves, the zeros are to the right and below. */
function convolve(
  g: Graph,
  x: Value,
  w: Value,
  b: Value,
  { stride, groups = 1 }: { readonly stride: number; readonly groups?: number },
): Value {
  const kernel = fixed(dimAt(w.shape, 2));
  const after = (kernel - 1) / 2;
  const before = stride === 1 ? after : 0;
  const side = (axis: number): number => fixed(dimAt(x.shape, axis)) / stride;
  return g.record('Conv', [x, w, b], [1, dimAt(w.shape, 0), side(2), side(3)], {
    strides: { ints: [stride, stride] },
    pads: { ints: [before, before, after, after] },
    kernel_shape: { ints: [kernel, kernel] },
    group: { int: groups },
  });
}

/** Filters [k, k, I, O] as [O, I, k, k]. */
function filters({ shape, values }: Weight): Weight {
  const [k = 1, , inner = 1, out = 1] = shape;
  const turned = new Float32Array(values.length);
  for (let at = 0; at < k * k; at++)
    for (let i = 0; i < inner; i++)
      for (let o = 0; o < out; o++) turned[(o * inner + i) * k * k + at] = values[(at * inner + i) * out + o] as number;
  return { shape: [out, inner, k, k], values: turned };
}

/** Filters [k, k, C, 1] of one channel each as [C, 1, k, k], with the batch normalisation after them folded in. */
function normalised(
  { shape, values }: Weight,
  norm: Readonly<Record<'gain' | 'offset' | 'mean' | 'variance', Float32Array>>,
): { readonly w: Weight; readonly b: Float32Array } {
  const [k = 1, , channels = 1] = shape;
  const gains = norm.gain.map((gain, c) => gain / Math.sqrt((norm.variance[c] as number) + EPSILON));
  const w = new Float32Array(values.length);
  for (let at = 0; at < k * k; at++)
    for (let c = 0; c < channels; c++) w[c * k * k + at] = (values[at * channels + c] as number) * (gains[c] as number);
  const b = norm.offset.map((offset, c) => offset - (norm.mean[c] as number) * (gains[c] as number));
  return { w: { shape: [channels, 1, k, k], values: w }, b };
}
