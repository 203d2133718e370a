import { linearParams } from '../../models/encoders/layers.ts';
import type { Graph, Value } from '../../models/graph/graph.ts';
import { linear, scale } from '../../models/graph/ops/index.ts';
import { declare } from '../../models/graph/param.ts';

/** Factor on the unit-length embeddings before the linear read-outs, so that their first logits have some spread. */
const SCALE = 8;

/** Parameter of the emotion read-out that faces and texts share. */
export const EMOTION_READ_OUT = 'read_out.emotion';

/** A linear read-out of embeddings [N, d] to [N, size], with parameters `name`. */
export function readOut(g: Graph, name: string, embedding: Value, size: number): Value {
  const dimension = Number(embedding.shape[1]);
  return linear(g, scale(g, embedding, SCALE), declare(g, linearParams(dimension, size), name));
}
