import { expand, pad, reshape, scale, slice, transpose } from '../../../models/graph/ops/index.ts';
import type { Graph, Value } from '../../../models/graph/graph.ts';
import { fixed, sizeOf } from '../../../models/graph/shape.ts';
import { constantInts, inputAt, intAttribute, intsAttribute, rule, type Rule } from '../rule.ts';
import { sumTo } from '../sum-to.ts';

const reshapeBack: Rule = rule((g, { dy, node }) => [reshape(g, dy, inputAt(node, 0).shape)]);

/** Gradient of a reduction, repeated over the reduced axes. */
function spread(g: Graph, dy: Value, x: Value, axes: readonly number[]): Value {
  const kept = x.shape.map((dim, i) => (axes.includes(i) ? 1 : dim));
  return expand(g, reshape(g, dy, kept), x.shape.map(fixed));
}

export const shapeRules: Readonly<Record<string, Rule>> = {
  Reshape: reshapeBack,
  Unsqueeze: reshapeBack,
  Transpose: rule((g, { dy, node }) => {
    const order = intsAttribute(node, 'perm');
    return [
      transpose(
        g,
        dy,
        order.map((_, i) => order.indexOf(i)),
      ),
    ];
  }),
  Concat: rule((g, { dy, node }, needs) => {
    const axis = intAttribute(node, 'axis');
    let start = 0;
    return node.inputs.map((part) => {
      const from = start;
      start += fixed(part.shape[axis]);
      return needs(part) ? slice(g, dy, axis, from, start) : undefined;
    });
  }),
  Slice: rule((g, { dy, node }) => {
    const x = inputAt(node, 0);
    const [start = 0] = constantInts(g, inputAt(node, 1));
    const [end = 0] = constantInts(g, inputAt(node, 2));
    const [axis = 0] = constantInts(g, inputAt(node, 3));
    const at = (value: number): number[] => x.shape.map((_, i) => (i === axis ? value : 0));
    return [pad(g, dy, at(start), at(fixed(x.shape[axis]) - end))];
  }),
  Pad: rule((g, { dy, node }) => {
    const x = inputAt(node, 0);
    const pads = constantInts(g, inputAt(node, 1));
    const inner = x.shape.reduce<Value>((value, dim, axis) => {
      const before = pads[axis] ?? 0;
      const whole = before === 0 && value.shape[axis] === dim;
      return whole ? value : slice(g, value, axis, before, before + fixed(dim));
    }, dy);
    return [inner];
  }),
  Expand: rule((g, { dy, node }) => [sumTo(g, dy, inputAt(node, 0).shape)]),
  ReduceSum: rule((g, { dy, node }) => {
    const x = inputAt(node, 0);
    return [spread(g, dy, x, constantInts(g, inputAt(node, 1)))];
  }),
  ReduceMean: rule((g, { dy, y, node }) => {
    const x = inputAt(node, 0);
    const share = sizeOf(y.shape) / sizeOf(x.shape);
    return [spread(g, scale(g, dy, share), x, constantInts(g, inputAt(node, 1)))];
  }),
};
