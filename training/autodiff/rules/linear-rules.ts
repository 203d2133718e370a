import type { Graph, Value } from '../../../models/graph/graph.ts';
import { reshape, sum, transpose } from '../../../models/graph/ops/index.ts';
import { fixed, sizeOf } from '../../../models/graph/shape.ts';
import { inputAt, rule, type Rule } from '../rule.ts';
import { sumTo } from '../sum-to.ts';
import { convInputGradient, convWeightGradient } from './conv.ts';
import { gemm } from './gemm.ts';

/** All leading axes in one. */
function flatten(g: Graph, x: Value): Value {
  const last = fixed(x.shape.at(-1));
  return reshape(g, x, [sizeOf(x.shape) / last, last]);
}

function swapLast(g: Graph, x: Value): Value {
  const order = x.shape.map((_, i) => i);
  return transpose(g, x, [...order.slice(0, -2), order.length - 1, order.length - 2]);
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
