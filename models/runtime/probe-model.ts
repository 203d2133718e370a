import { Graph } from '../graph/graph.ts';
import { emitOnnx } from '../graph/onnx/emit.ts';
import { gelu, linear } from '../graph/ops/index.ts';
import { PROBE_WIDTH } from './probe-shape.ts';
import { initParams, weight } from '../graph/param.ts';

const LAYERS = 6;

/**
 * A small real model that tells devices apart: six layers of 512 units over `[N, 512]`, which is 0.4 GFLOP for 128 rows:
 * some 10 ms on one core, well under 1 ms on a GPU, and longer than on the core for a GPU that is emulated.
 */
export function probeModel(): Uint8Array {
  const g = new Graph();
  let x = g.input('x', ['N', PROBE_WIDTH]);
  const w = g.param('w', weight([PROBE_WIDTH, PROBE_WIDTH], PROBE_WIDTH ** -0.5));
  for (let i = 0; i < LAYERS; i++) x = gelu(g, linear(g, x, { w }));
  g.output('y', x);
  return emitOnnx(g, { params: initParams(g, 0) });
}
