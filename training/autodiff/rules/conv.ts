import type { Graph, GraphNode, Value } from '../../../models/graph/graph.ts';
import { concat, conv2d, pad, reshape, transpose } from '../../../models/graph/ops/index.ts';
import { fixed, type Shape } from '../../../models/graph/shape.ts';
import { intsAttribute } from '../rule.ts';
import { gemm } from './gemm.ts';

/**
 * Gradient of a convolution's input. With stride 1 it is the convolution of dy with the kernels turned by half and
 * their channels swapped, which runs faster than the transposed convolution that serves the other strides.
 */
export function convInputGradient(g: Graph, dy: Value, x: Value, w: Value, node: GraphNode): Value {
  const { kernel, stride, padding } = geometry(node);
  if (stride === 1 && padding < kernel) return conv2d(g, dy, { w: turned(g, w) }, { padding: kernel - 1 - padding });
  const left = (axis: number): number =>
    fixed(x.shape[axis]) - ((fixed(dy.shape[axis]) - 1) * stride + kernel - 2 * padding);
  return g.record('ConvTranspose', [dy, w], x.shape, {
    strides: { ints: [stride, stride] },
    pads: { ints: [padding, padding, padding, padding] },
    output_padding: { ints: [left(2), left(3)] },
    kernel_shape: { ints: [kernel, kernel] },
  });
}

/** Gradient of a convolution's weights: per kernel position one matrix product of dy and the places of x under it. */
export function convWeightGradient(g: Graph, dy: Value, x: Value, w: Value, node: GraphNode): Value {
  const { kernel, stride, padding } = geometry(node);
  const [batch, out, height, width] = dy.shape.map(fixed) as [number, number, number, number];
  const channels = fixed(x.shape[1]);
  const places = batch * height * width;
  const rows = reshape(g, transpose(g, dy, [1, 0, 2, 3]), [out, places]);
  const padded = pad(g, transpose(g, x, [1, 0, 2, 3]), [0, 0, padding, padding], [0, 0, padding, padding]);
  const under: Shape = [channels, batch, height, width];
  const products = Array.from({ length: kernel * kernel }, (_, at) => {
    const row = Math.floor(at / kernel);
    const column = at % kernel;
    const starts = g.ints([row, column]);
    const ends = g.ints([row + (height - 1) * stride + 1, column + (width - 1) * stride + 1]);
    const view = g.record('Slice', [padded, starts, ends, g.ints([2, 3]), g.ints([stride, stride])], under);
    return reshape(g, gemm(g, rows, reshape(g, view, [channels, places]), false, true), [out, channels, 1]);
  });
  return reshape(g, products.length === 1 ? (products[0] as Value) : concat(g, products, 2), w.shape);
}

/** [O, C, k, k] to [C, O, k, k] with both kernel axes reversed. */
function turned(g: Graph, w: Value): Value {
  const swapped = transpose(g, w, [1, 0, 2, 3]);
  const last = g.ints([-1, -1]);
  const beforeFirst = g.ints([-fixed(w.shape[2]) - 1, -fixed(w.shape[3]) - 1]);
  return g.record('Slice', [swapped, last, beforeFirst, g.ints([2, 3]), g.ints([-1, -1])], swapped.shape);
}

function geometry(node: GraphNode): { kernel: number; stride: number; padding: number } {
  const [kernel = 1] = intsAttribute(node, 'kernel_shape');
  const [stride = 1] = intsAttribute(node, 'strides');
  const [padding = 0] = intsAttribute(node, 'pads');
  return { kernel, stride, padding };
}
