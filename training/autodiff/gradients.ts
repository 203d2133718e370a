import { UndertoneError } from '../../models/errors.ts';
import type { Graph, Value } from '../../models/graph/graph.ts';
import { add } from '../../models/graph/ops/index.ts';
import { shapeText, sizeOf } from '../../models/graph/shape.ts';
import { RULES, WITHOUT_GRADIENT } from './rules/index.ts';

/**
 * Records the reverse pass of a scalar and gives its gradient with respect to each of `wanted`; those that it does not
 * depend on are left out.
 *
 * @throws UndertoneError `graph_gradient` when the loss is no scalar or an operator has no rule
 */
export function gradients(g: Graph, loss: Value, wanted: readonly Value[]): Map<Value, Value> {
  if (sizeOf(loss.shape) !== 1) throw gradientError(`the loss must be a scalar, not ${shapeText(loss.shape)}`);
  const forward = [...g.nodes];
  const reached = new Set(wanted.map((value) => value.name));
  for (const node of forward) {
    if (WITHOUT_GRADIENT.has(node.op) || !node.inputs.some((input) => reached.has(input.name))) continue;
    for (const output of node.outputs) reached.add(output.name);
  }
  const needs = (value: Value): boolean => reached.has(value.name);
  const found = new Map<string, Value>([[loss.name, g.constant(Float32Array.of(1), loss.shape.map(Number))]]);
  for (const node of forward.toReversed()) {
    const outer = node.outputs.map((output) => found.get(output.name));
    if (outer.every((gradient) => gradient === undefined) || !node.inputs.some(needs)) continue;
    if (WITHOUT_GRADIENT.has(node.op)) continue;
    const rule = RULES.get(node.op);
    if (rule === undefined) throw gradientError(`operator ${node.op} has no gradient`);
    const inner = rule(g, node, outer, needs);
    for (const [i, input] of node.inputs.entries()) {
      const gradient = inner[i];
      if (gradient === undefined || !needs(input)) continue;
      const earlier = found.get(input.name);
      found.set(input.name, earlier === undefined ? gradient : add(g, earlier, gradient));
    }
  }
  return new Map(
    wanted.flatMap((value) => {
      const gradient = found.get(value.name);
      return gradient === undefined ? [] : [[value, gradient] as const];
    }),
  );
}

function gradientError(message: string): UndertoneError {
  return new UndertoneError('graph_gradient', message);
}
