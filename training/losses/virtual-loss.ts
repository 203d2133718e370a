import type { Graph, Value } from '../../models/graph/graph.ts';
import { add, scale } from '../../models/graph/ops/index.ts';
import { cosineDistance, semanticMatching } from './losses.ts';

/** Semantic matching, and `pull` times the distance to the real embeddings; both inputs L2-normalised, [N, d]. */
export function virtualLoss(
  g: Graph,
  virtual: Value,
  observed: Value,
  valid: Value,
  { pull, ...matching }: { readonly tau: number; readonly symmetric: boolean; readonly pull: number },
): Value {
  const matched = semanticMatching(g, virtual, observed, valid, matching);
  if (pull === 0) return matched;
  return add(g, matched, scale(g, cosineDistance(g, virtual, observed, valid), pull));
}
