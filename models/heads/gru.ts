import { component } from '../graph/component.ts';
import type { Graph, Value } from '../graph/graph.ts';
import {
  add,
  complement,
  concat,
  linear,
  mul,
  reshape,
  scale,
  select,
  sigmoid,
  slice,
  sub,
  tanh,
  transpose,
} from '../graph/ops/index.ts';
import { bias, weight, type ParamValues } from '../graph/param.ts';
import { fixed } from '../graph/shape.ts';

/**
 * Gated recurrent unit (Cho et al., arXiv 1406.1078, with the reset gate after the product) over slots.
 *
 * x [N, n, I] and mask [N, n] to the last state [N, H]. Where the mask is 0 the state is carried over, so a missing slot
 * changes nothing; with nothing observed the state is the learned first one.
 *
 * Training graphs record the steps, which have gradients; inference graphs the runtime's own GRU, which is one node.
 */
export function gru(input: number, hidden: number) {
  return component(gruParams(input, hidden), (g, p, { x, mask }: { x: Value; mask?: Value }) => {
    if (!g.training) return fused(g, p, x, mask);
    const fromInput = linear(g, x, p.input);
    let state: Value = p.first;
    for (let slot = 0; slot < fixed(x.shape[1]); slot++) {
      const next = gate(g, select(g, fromInput, 1, slot), linear(g, state, p.state), state, hidden);
      if (mask === undefined) state = next;
      else state = add(g, state, mul(g, slice(g, mask, 1, slot, slot + 1), sub(g, next, state)));
    }
    return state;
  });
}

function gruParams(input: number, hidden: number) {
  return {
    input: { w: weight([input, 3 * hidden], 1 / Math.sqrt(input)), b: bias([3 * hidden]) },
    state: { w: weight([hidden, 3 * hidden], 1 / Math.sqrt(hidden)), b: bias([3 * hidden]) },
    first: bias([1, hidden]),
  };
}

type GruParams = ParamValues<ReturnType<typeof gruParams>>;

/** No input, where an operator has an optional one. */
const NONE: Value = { name: '', shape: [], type: 'float32' };
/** Opens the update gate of a slot that is missing so far that the state is carried over: sigmoid(40) is 1 in float32. */
const CARRY = 40;

/** The same as ONNX' GRU, whose gates are in the order update, reset, candidate, and whose first axis is the slots'. */
function fused(g: Graph, p: GruParams, x: Value, mask: Value | undefined): Value {
  const hidden = fixed(p.first.shape[1]);
  const [batch = 1] = x.shape;
  const slots = fixed(x.shape[1]);
  const order = (value: Value, axis: number): Value => {
    const part = (i: number): Value => slice(g, value, axis, i * hidden, (i + 1) * hidden);
    return concat(g, [part(1), part(0), part(2)], axis);
  };
  const carry = Float32Array.from({ length: 3 * hidden }, (_, i) => (i < hidden ? CARRY : 0));
  const ofInput = order(p.input.w, 1);
  const weights = mask === undefined ? ofInput : concat(g, [ofInput, g.constant(carry, [1, 3 * hidden])], 0);
  const missing = mask === undefined ? undefined : reshape(g, complement(g, mask), [batch, slots, 1]);
  const seen = missing === undefined ? x : concat(g, [x, missing], 2);
  const rows = (value: Value): Value => {
    const turned = transpose(g, value, [1, 0]);
    return reshape(g, turned, [1, ...turned.shape]);
  };
  const first = add(g, scale(g, reshape(g, slice(g, select(g, x, 1, 0), 1, 0, 1), [batch, 1]), 0), p.first);
  const biases = concat(g, [order(p.input.b, 0), order(p.state.b, 0)], 0);
  const inputs = [
    transpose(g, seen, [1, 0, 2]),
    rows(weights),
    rows(order(p.state.w, 1)),
    reshape(g, biases, [1, 6 * hidden]),
    NONE,
    reshape(g, first, [1, batch, hidden]),
  ];
  const shapes = [
    [slots, 1, batch, hidden],
    [1, batch, hidden],
  ];
  const attributes = { hidden_size: { int: hidden }, linear_before_reset: { int: 1 } };
  const [, last = NONE] = g.recordMany('GRU', inputs, shapes, attributes);
  return reshape(g, last, [batch, hidden]);
}

function gate(g: Graph, fromInput: Value, fromState: Value, state: Value, hidden: number): Value {
  const part = (value: Value, i: number): Value => slice(g, value, 1, i * hidden, (i + 1) * hidden);
  const both = (i: number): Value => sigmoid(g, add(g, part(fromInput, i), part(fromState, i)));
  const reset = both(0);
  const update = both(1);
  const candidate = tanh(g, add(g, part(fromInput, 2), mul(g, reset, part(fromState, 2))));
  return add(g, mul(g, complement(g, update), candidate), mul(g, update, state));
}
