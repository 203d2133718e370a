import { apply } from '../../models/graph/component.ts';
import { Graph } from '../../models/graph/graph.ts';
import { emitOnnx } from '../../models/graph/onnx/emit.ts';
import type { ParamStore } from '../../models/graph/param.ts';
import { inferenceHead } from '../../models/heads/inference-head.ts';
import { openSession } from '../../models/runtime/session.ts';

/** Runs an inference head, exported as bundles hold it, on embeddings of one length. */
export async function applyBridge(
  params: ParamStore,
  name: string,
  embeddings: readonly Float32Array[],
): Promise<Float32Array[]> {
  const dimension = embeddings[0]?.length ?? 0;
  const hidden = (params.get(`${name}.up.b`) ?? []).length;
  const g = new Graph();
  g.output(
    'virtual',
    apply(g, inferenceHead(dimension, hidden, dimension), name, g.input('embedding', ['N', dimension])),
  );
  const session = await openSession(emitOnnx(g, { params }), { threads: 1 });
  try {
    const data = new Float32Array(embeddings.length * dimension);
    for (const [i, embedding] of embeddings.entries()) data.set(embedding, i * dimension);
    const { virtual } = await session.run({
      embedding: { type: 'float32', dims: [embeddings.length, dimension], data },
    });
    const rows = virtual?.data as Float32Array;
    return embeddings.map((_, i) => rows.slice(i * dimension, (i + 1) * dimension));
  } finally {
    await session.close();
  }
}
