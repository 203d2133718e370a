import type { Graph, Value } from '../../models/graph/graph.ts';
import { reshape, sum } from '../../models/graph/ops/index.ts';
import { sameShape, type Shape } from '../../models/graph/shape.ts';

/** Sums over the axes that broadcasting repeated: the gradient of `shape` from that of its broadcast. */
export function sumTo(g: Graph, gradient: Value, shape: Shape): Value {
  if (sameShape(gradient.shape, shape)) return gradient;
  const extra = gradient.shape.length - shape.length;
  const axes = gradient.shape.flatMap((dim, i) => (i < extra || (shape[i - extra] === 1 && dim !== 1) ? [i] : []));
  return reshape(g, axes.length === 0 ? gradient : sum(g, gradient, axes, true), shape);
}
