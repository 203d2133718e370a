import type { Graph, Value } from '../../models/graph/graph.ts';
import { emitOnnx, type EmitOptions } from '../../models/graph/onnx/emit.ts';
import { openSession, type TensorData } from '../../models/runtime/session.ts';

/** A float32 tensor of these values. */
export function floats(values: readonly number[] | Float32Array, dims: readonly number[]): TensorData {
  return { type: 'float32', dims, data: Float32Array.from(values) };
}

/** Emits a graph, runs it once on one thread and gives its outputs. */
export async function runGraph(
  g: Graph,
  feeds: Readonly<Record<string, TensorData>>,
  options: EmitOptions = {},
): Promise<Record<string, TensorData>> {
  const session = await openSession(emitOnnx(g, options), { threads: 1 });
  try {
    const used = new Set(session.inputs.map(({ name }) => name));
    return await session.run(Object.fromEntries(Object.entries(feeds).filter(([name]) => used.has(name))));
  } finally {
    await session.close();
  }
}

/** Names the values as outputs, runs the graph and gives each output as numbers. */
export async function outputsOf(
  g: Graph,
  values: Readonly<Record<string, Value>>,
  feeds: Readonly<Record<string, TensorData>> = {},
): Promise<Record<string, number[]>> {
  for (const [name, value] of Object.entries(values)) g.output(name, value);
  const outputs = await runGraph(g, feeds);
  return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, Array.from(data, Number)]));
}
