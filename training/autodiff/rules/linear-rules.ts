import type { Graph, GraphNode, Value } from '../../../models/graph/graph.ts';
import { concat, pad, reshape, sum, transpose } from '../../../models/graph/ops/index.ts';
import { fixed, sizeOf } from '../../../models/graph/shape.ts';
import { inputAt, intsAttribute, rule, type Rule } from '../rule.ts';
import { sumTo } from '../sum-to.ts';

/** Product of two matrices, each transposed or not. */
function gemm(g: Graph, a: Value, b: Value, transA: boolean, transB: boolean): Value {
  const rows = a.shape[transA ? 1 : 0] ?? 0;
  const columns = b.shape[transB ? 0 : 1] ?? 0;
  return g.record('Gemm', [a, b], [rows, columns], {
    transA: { int: Number(transA) },
    transB: { int: Number(transB) },
  });
}

/** All leading axes in one. */
function flatten(g: Graph, x: Value): Value {
  const last = fixed(x.shape.at(-1));
  return reshape(g, x, [sizeOf(x.shape) / last, last]);
}

function swapLast(g: Graph, x: Value): Value {
  const order = x.shape.map((_, i) => i);
  return transpose(g, x, [...order.slice(0, -2), order.length - 1, order.length - 2]);
}

/** Patches of x under each kernel position: [C, N, H, W] to [k k C, N H' W'], kernel position outermost. */
function patches(g: Graph, x: Value, node: GraphNode, height: number, width: number): Value {
  const [kernel = 1] = intsAttribute(node, 'kernel_shape');
  const [stride = 1] = intsAttribute(node, 'strides');
  const [padding = 0] = intsAttribute(node, 'pads');
  const [channels, batch] = x.shape;
  const padded = pad(g, x, [0, 0, padding, padding], [0, 0, padding, padding]);
  const columns: Value[] = [];
  for (let row = 0; row < kernel; row++) {
    for (let column = 0; column < kernel; column++) {
      const starts = g.ints([row, column]);
      const ends = g.ints([row + (height - 1) * stride + 1, column + (width - 1) * stride + 1]);
      const inputs = [padded, starts, ends, g.ints([2, 3]), g.ints([stride, stride])];
      columns.push(g.record('Slice', inputs, [channels ?? 0, batch ?? 0, height, width]));
    }
  }
  const rows = kernel * kernel * fixed(channels);
  return reshape(g, concat(g, columns, 0), [rows, fixed(batch) * height * width]);
}

/** Gradient of a convolution's input: the transposed convolution, padded to the input's size. */
function convInputGradient(g: Graph, dy: Value, x: Value, w: Value, node: GraphNode): Value {
  const [kernel = 1] = intsAttribute(node, 'kernel_shape');
  const [stride = 1] = intsAttribute(node, 'strides');
  const [padding = 0] = intsAttribute(node, 'pads');
  const left = (axis: number): number =>
    fixed(x.shape[axis]) - ((fixed(dy.shape[axis]) - 1) * stride + kernel - 2 * padding);
  return g.record('ConvTranspose', [dy, w], x.shape, {
    strides: { ints: [stride, stride] },
    pads: { ints: [padding, padding, padding, padding] },
    output_padding: { ints: [left(2), left(3)] },
    kernel_shape: { ints: [kernel, kernel] },
  });
}

/** Gradient of a convolution's weights as one matrix product over all patches. */
function convWeightGradient(g: Graph, dy: Value, x: Value, w: Value, node: GraphNode): Value {
  const [out, channels, kernel] = w.shape.map(fixed);
  const [batch, , height, width] = dy.shape.map(fixed);
  const columns = patches(g, transpose(g, x, [1, 0, 2, 3]), node, height ?? 0, width ?? 0);
  const rows = reshape(g, transpose(g, dy, [1, 0, 2, 3]), [out ?? 0, (batch ?? 0) * (height ?? 0) * (width ?? 0)]);
  const flat = gemm(g, rows, columns, false, true);
  return transpose(g, reshape(g, flat, [out ?? 0, kernel ?? 0, kernel ?? 0, channels ?? 0]), [0, 3, 1, 2]);
}

export const linearRules: Readonly<Record<string, Rule>> = {
  MatMul: rule((g, { dy, node }, needs) => {
    const a = inputAt(node, 0);
    const b = inputAt(node, 1);
    if (b.shape.length === 2) {
      const rows = flatten(g, dy);
      return [
        needs(a) ? reshape(g, gemm(g, rows, b, false, true), a.shape) : undefined,
        needs(b) ? gemm(g, flatten(g, a), rows, true, false) : undefined,
      ];
    }
    const product = (x: Value, y: Value): Value =>
      g.record('MatMul', [x, y], [...dy.shape.slice(0, -2), x.shape.at(-2) ?? 0, y.shape.at(-1) ?? 0]);
    return [
      needs(a) ? sumTo(g, product(dy, swapLast(g, b)), a.shape) : undefined,
      needs(b) ? sumTo(g, product(swapLast(g, a), dy), b.shape) : undefined,
    ];
  }),
  Conv: rule((g, { dy, node }, needs) => {
    const x = inputAt(node, 0);
    const w = inputAt(node, 1);
    return [
      needs(x) ? convInputGradient(g, dy, x, w, node) : undefined,
      needs(w) ? convWeightGradient(g, dy, x, w, node) : undefined,
      node.inputs.length > 2 ? sum(g, dy, [0, 2, 3]) : undefined,
    ];
  }),
  Gather: rule((g, { dy, node }) => {
    const table = inputAt(node, 0);
    const ids = inputAt(node, 1);
    const count = sizeOf(ids.shape);
    const indices = g.record('Reshape', [ids, g.ints([count, 1])], [count, 1], {}, 'int64');
    const zeros = g.record('ConstantOfShape', [g.ints(table.shape.map(fixed))], table.shape);
    const rows = reshape(g, dy, [count, fixed(table.shape[1])]);
    return [g.record('ScatterND', [zeros, indices, rows], table.shape, { reduction: { string: 'add' } })];
  }),
};
