import type { Graph, Value } from '../../../models/graph/graph.ts';
import { add, complement, div, mul, neg, scale, shift, sub, tanh, toFloat } from '../../../models/graph/ops/index.ts';
import { inputAt, rule, type Rule } from '../rule.ts';
import { sumTo } from '../sum-to.ts';

/** Rule of a unary operator from its derivative. */
function unary(derivative: (g: Graph, dy: Value, x: Value, y: Value) => Value): Rule {
  return rule((g, { dy, y, node }) => [derivative(g, dy, inputAt(node, 0), y)]);
}

/** Rule of a broadcasting binary operator from the gradients before they are summed to the inputs' shapes. */
function binary(left: BinaryDerivative, right: BinaryDerivative): Rule {
  return rule((g, { dy, y, node }, needs) => {
    const a = inputAt(node, 0);
    const b = inputAt(node, 1);
    return [
      needs(a) ? sumTo(g, left(g, dy, a, b, y), a.shape) : undefined,
      needs(b) ? sumTo(g, right(g, dy, a, b, y), b.shape) : undefined,
    ];
  });
}
type BinaryDerivative = (g: Graph, dy: Value, a: Value, b: Value, y: Value) => Value;

const GELU_SCALE = Math.sqrt(2 / Math.PI);
const GELU_CUBIC = 0.044715;

/** d/dx of x (1 + tanh u) / 2 with u = s (x + c x^3): (1 + t) / 2 + x (1 - t^2) u' / 2. */
function geluGradient(g: Graph, dy: Value, x: Value): Value {
  const x2 = mul(g, x, x);
  const t = tanh(g, mul(g, x, shift(g, scale(g, x2, GELU_SCALE * GELU_CUBIC), GELU_SCALE)));
  const halfSlope = mul(g, x, shift(g, scale(g, x2, 1.5 * GELU_SCALE * GELU_CUBIC), 0.5 * GELU_SCALE));
  const derivative = add(g, mul(g, halfSlope, complement(g, mul(g, t, t))), shift(g, scale(g, t, 0.5), 0.5));
  return mul(g, dy, derivative);
}

/** 1 where the condition holds, times dy. */
function gate(g: Graph, op: string, dy: Value, a: Value, b: Value): Value {
  return mul(g, dy, toFloat(g, g.record(op, [a, b], a.shape, {}, 'bool')));
}

export const elementwiseRules: Readonly<Record<string, Rule>> = {
  Add: binary(
    (_, dy) => dy,
    (_, dy) => dy,
  ),
  Sub: binary(
    (_, dy) => dy,
    (g, dy) => neg(g, dy),
  ),
  Mul: binary(
    (g, dy, _, b) => mul(g, dy, b),
    (g, dy, a) => mul(g, dy, a),
  ),
  Div: binary(
    (g, dy, _, b) => div(g, dy, b),
    (g, dy, _, b, y) => neg(g, div(g, mul(g, dy, y), b)),
  ),
  Neg: unary((g, dy) => neg(g, dy)),
  Exp: unary((g, dy, _, y) => mul(g, dy, y)),
  Log: unary((g, dy, x) => div(g, dy, x)),
  Sqrt: unary((g, dy, _, y) => div(g, scale(g, dy, 0.5), y)),
  Tanh: unary((g, dy, _, y) => sub(g, dy, mul(g, dy, mul(g, y, y)))),
  Sigmoid: unary((g, dy, _, y) => mul(g, dy, mul(g, y, complement(g, y)))),
  Relu: unary((g, dy, x) => gate(g, 'Greater', dy, x, g.scalar(0))),
  Gelu: unary((g, dy, x) => geluGradient(g, dy, x)),
  Clip: unary((g, dy, x, y) => gate(g, 'Equal', dy, x, y)),
};
