import type { Graph } from './graph.ts';
import { declare, type ParamTree, type ParamValues } from './param.ts';

/** A component is a value: parameter specs and a pure function over a graph, used to train and to export alike. */
export interface Component<P extends ParamTree, Input, Output> {
  readonly params: P;
  readonly forward: (g: Graph, p: ParamValues<P>, input: Input) => Output;
}

/** Ties a component's specs to its function, so that the types of both are inferred together. */
export function component<const P extends ParamTree, Input, Output>(
  params: P,
  forward: (g: Graph, p: ParamValues<P>, input: Input) => Output,
): Component<P, Input, Output> {
  return { params, forward };
}

/** Declares a component's parameters under `name` and applies it. */
export function apply<P extends ParamTree, Input, Output>(
  g: Graph,
  part: Component<P, Input, Output>,
  name: string,
  input: Input,
): Output {
  return part.forward(g, declare(g, part.params, name), input);
}
