import { emitOnnx } from '../../models/graph/onnx/emit.ts';
import { readParams } from '../../models/graph/onnx/read-params.ts';
import { headsGraph } from '../../models/heads/heads-graph.ts';
import type { HeadsConfig } from '../../models/heads/trml.ts';

/**
 * The heads of a bundle as today's graph with the parameters that their file holds, in half precision, which loses
 * nothing where they were stored so before.
 *
 * @param heads the bytes of `heads.onnx` @param config of the recipe that they were trained with
 * @throws UndertoneError `graph_params` when they were trained with another one
 */
export function reexportHeads(heads: Uint8Array, config: HeadsConfig): Uint8Array {
  return emitOnnx(headsGraph(config), { params: readParams(heads), weights: 'float16' });
}
