import type { Graph, Value } from '../graph.ts';
import { broadcast } from '../shape.ts';

/** a + b, broadcasting. */
export function add(g: Graph, a: Value, b: Value): Value {
  return binary(g, 'Add', a, b);
}

export function sub(g: Graph, a: Value, b: Value): Value {
  return binary(g, 'Sub', a, b);
}

export function mul(g: Graph, a: Value, b: Value): Value {
  return binary(g, 'Mul', a, b);
}

export function div(g: Graph, a: Value, b: Value): Value {
  return binary(g, 'Div', a, b);
}

/** c x for a number c. */
export function scale(g: Graph, x: Value, c: number): Value {
  return mul(g, x, g.scalar(c));
}

/** x + c for a number c. */
export function shift(g: Graph, x: Value, c: number): Value {
  return add(g, x, g.scalar(c));
}

/** 1 - x, as for the complement of a mask. */
export function complement(g: Graph, x: Value): Value {
  return sub(g, g.scalar(1), x);
}

export function neg(g: Graph, x: Value): Value {
  return unary(g, 'Neg', x);
}

export function exp(g: Graph, x: Value): Value {
  return unary(g, 'Exp', x);
}

export function log(g: Graph, x: Value): Value {
  return unary(g, 'Log', x);
}

export function sqrt(g: Graph, x: Value): Value {
  return unary(g, 'Sqrt', x);
}

export function tanh(g: Graph, x: Value): Value {
  return unary(g, 'Tanh', x);
}

export function sigmoid(g: Graph, x: Value): Value {
  return unary(g, 'Sigmoid', x);
}

export function relu(g: Graph, x: Value): Value {
  return unary(g, 'Relu', x);
}

/** GELU in its tanh approximation (Hendrycks and Gimpel, arXiv 1606.08415). */
export function gelu(g: Graph, x: Value): Value {
  return g.record('Gelu', [x], x.shape, { approximate: { string: 'tanh' } });
}

/** x^2 */
export function square(g: Graph, x: Value): Value {
  return mul(g, x, x);
}

/** Restricts x to [low, high]; the gradient is zero outside. */
export function clip(g: Graph, x: Value, low: number, high: number): Value {
  return g.record('Clip', [x, g.scalar(low), g.scalar(high)], x.shape);
}

function unary(g: Graph, op: string, x: Value): Value {
  return g.record(op, [x], x.shape);
}

function binary(g: Graph, op: string, a: Value, b: Value): Value {
  return g.record(op, [a, b], broadcast(a.shape, b.shape));
}
