import type { Graph, GraphNode, Value } from '../../models/graph/graph.ts';

/**
 * Reverse-mode rule of one ONNX operator: records the nodes that turn the gradients of its outputs into those of its
 * inputs. `needs` tells which inputs want one; the rest may be left undefined.
 */
export type Rule = (
  g: Graph,
  node: GraphNode,
  gradients: readonly (Value | undefined)[],
  needs: (input: Value) => boolean,
) => readonly (Value | undefined)[];

/** Rule of an operator with one output: `dy` is the gradient of `y`, the output. */
export function rule(
  derive: (
    g: Graph,
    at: { readonly dy: Value; readonly y: Value; readonly node: GraphNode },
    needs: (input: Value) => boolean,
  ) => readonly (Value | undefined)[],
): Rule {
  return (g, node, [dy], needs) => {
    const [y] = node.outputs;
    return dy === undefined || y === undefined ? [] : derive(g, { dy, y, node }, needs);
  };
}

/** The input at `index`. @throws RangeError when the node has fewer */
export function inputAt(node: GraphNode, index: number): Value {
  const value = node.inputs[index];
  if (value === undefined) throw new RangeError(`${node.op} has no input ${index}`);
  return value;
}

/** The integers of an attribute. @throws RangeError where there is none of that name */
export function intsAttribute(node: GraphNode, name: string): readonly number[] {
  const attribute = node.attributes[name];
  if (attribute === undefined || !('ints' in attribute))
    throw new RangeError(`${node.op} has no ints attribute ${name}`);
  return attribute.ints;
}

export function intAttribute(node: GraphNode, name: string): number {
  const attribute = node.attributes[name];
  if (attribute === undefined || !('int' in attribute)) throw new RangeError(`${node.op} has no int attribute ${name}`);
  return attribute.int;
}

export function floatAttribute(node: GraphNode, name: string): number {
  const attribute = node.attributes[name];
  if (attribute === undefined || !('float' in attribute))
    throw new RangeError(`${node.op} has no float attribute ${name}`);
  return attribute.float;
}

/** The integers of a constant value, such as the axes of a reduction. */
export function constantInts(g: Graph, value: Value): readonly number[] {
  const data = g.constantData(value);
  if (data === undefined) throw new RangeError(`${value.name} is no constant of the graph`);
  return Array.from(data, Number);
}
