import type { Graph, Value } from '../../../models/graph/graph.ts';

/** Product of two matrices, each transposed or not. */
export function gemm(g: Graph, a: Value, b: Value, transA: boolean, transB: boolean): Value {
  const rows = a.shape[transA ? 1 : 0] ?? 0;
  const columns = b.shape[transB ? 0 : 1] ?? 0;
  return g.record('Gemm', [a, b], [rows, columns], {
    transA: { int: Number(transA) },
    transB: { int: Number(transB) },
  });
}
