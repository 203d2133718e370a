import type { Graph, Value } from '../../../models/graph/graph.ts';
import { div, exp, mean, mul, reshape, scale, shift, sqrt, sub, sum } from '../../../models/graph/ops/index.ts';
import { fixed, sizeOf } from '../../../models/graph/shape.ts';
import { floatAttribute, inputAt, rule, type Rule } from '../rule.ts';

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
  /**
   * In training mode, with h the normalised x, s = gain / std and means over all but the channels:
   * dx = s (dy - mean dy - h mean(dy h)), written as dy s - (x - mean x) b - k with one factor per channel.
   */
  BatchNormalization: (g, node, [dy], needs) => {
    const [, batchMean, batchVariance] = node.outputs;
    if (dy === undefined || batchMean === undefined || batchVariance === undefined) return [];
    const x = inputAt(node, 0);
    const gain = inputAt(node, 1);
    const size = fixed(gain.shape[0]);
    const column = (value: Value): Value => reshape(g, value, [1, size, 1, 1]);
    const overPlaces = (value: Value): Value => sum(g, value, [0, 2, 3], true);
    const inverseStd = div(g, g.scalar(1), sqrt(g, shift(g, column(batchVariance), floatAttribute(node, 'epsilon'))));
    const centred = sub(g, x, column(batchMean));
    const dOffset = overPlaces(dy);
    const dGain = mul(g, overPlaces(mul(g, dy, centred)), inverseStd);
    const dParams = [reshape(g, dGain, [size]), reshape(g, dOffset, [size])];
    if (!needs(x)) return [undefined, ...dParams];
    const factor = mul(g, column(gain), inverseStd);
    const share = size / sizeOf(x.shape);
    const b = scale(g, mul(g, mul(g, factor, inverseStd), dGain), share);
    const k = scale(g, mul(g, factor, dOffset), share);
    return [sub(g, sub(g, mul(g, dy, factor), mul(g, centred, b)), k), ...dParams];
  },
};
