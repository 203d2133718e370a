import type { Graph, Value } from '../../../models/graph/graph.ts';
import { exp, mean, mul, sub, sum } from '../../../models/graph/ops/index.ts';
import { inputAt, rule, type Rule } from '../rule.ts';

/** Sum over all axes but the last. */
function sumRows(g: Graph, x: Value): Value {
  return sum(g, x, x.shape.map((_, i) => i).slice(0, -1));
}

export const normaliseRules: Readonly<Record<string, Rule>> = {
  /** dx = y (dy - sum dy y) */
  Softmax: rule((g, { dy, y }) => {
    const weighted = mul(g, dy, y);
    return [sub(g, weighted, mul(g, y, sum(g, weighted, [-1], true)))];
  }),
  /** dx = dy - softmax(x) sum dy */
  LogSoftmax: rule((g, { dy, y }) => [sub(g, dy, mul(g, exp(g, y), sum(g, dy, [-1], true)))]),
  /** With h the normalised x and u = dy gain: dx = (u - mean u - h mean(u h)) / std. */
  LayerNormalization: (g, node, [dy], needs) => {
    const [, centre, inverseStd] = node.outputs;
    if (dy === undefined || centre === undefined || inverseStd === undefined) return [];
    const x = inputAt(node, 0);
    const gain = inputAt(node, 1);
    const normal = mul(g, sub(g, x, centre), inverseStd);
    const dGain = sumRows(g, mul(g, dy, normal));
    const dOffset = sumRows(g, dy);
    if (!needs(x)) return [undefined, dGain, dOffset];
    const u = mul(g, dy, gain);
    const projected = mul(g, normal, mean(g, mul(g, u, normal), [-1], true));
    return [mul(g, inverseStd, sub(g, sub(g, u, mean(g, u, [-1], true)), projected)), dGain, dOffset];
  },
};
