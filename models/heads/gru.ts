import { component } from '../graph/component.ts';
import type { Graph, Value } from '../graph/graph.ts';
import { add, complement, linear, mul, select, sigmoid, slice, sub, tanh } from '../graph/ops/index.ts';
import { bias, weight } from '../graph/param.ts';
import { fixed } from '../graph/shape.ts';

/**
 * Gated recurrent unit (Cho et al., arXiv 1406.1078, with the reset gate after the product) over slots.
 *
 * x [N, n, I] and mask [N, n] to the last state [N, H]. Where the mask is 0 the state is carried over, so a missing slot
 * changes nothing; with nothing observed the state is the learned first one.
 */
export function gru(input: number, hidden: number) {
  const params = {
    input: { w: weight([input, 3 * hidden], 1 / Math.sqrt(input)), b: bias([3 * hidden]) },
    state: { w: weight([hidden, 3 * hidden], 1 / Math.sqrt(hidden)), b: bias([3 * hidden]) },
    first: bias([1, hidden]),
  };
  return component(params, (g, p, { x, mask }: { x: Value; mask?: Value }) => {
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

function gate(g: Graph, fromInput: Value, fromState: Value, state: Value, hidden: number): Value {
  const part = (value: Value, i: number): Value => slice(g, value, 1, i * hidden, (i + 1) * hidden);
  const both = (i: number): Value => sigmoid(g, add(g, part(fromInput, i), part(fromState, i)));
  const reset = both(0);
  const update = both(1);
  const candidate = tanh(g, add(g, part(fromInput, 2), mul(g, reset, part(fromState, 2))));
  return add(g, mul(g, complement(g, update), candidate), mul(g, update, state));
}
