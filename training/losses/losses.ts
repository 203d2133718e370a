import type { Graph, Value } from '../../models/graph/graph.ts';
import {
  add,
  clip,
  complement,
  div,
  exp,
  logSoftmax,
  matMul,
  mul,
  neg,
  scale,
  shift,
  square,
  sub,
  sum,
  transpose,
} from '../../models/graph/ops/index.ts';

/**
 * Mean of per-sample losses [N] over the samples that count: sum(loss w) / (sum w + tiny). A sample without a label has
 * weight 0.
 */
export function weightedMean(g: Graph, losses: Value, weights: Value): Value {
  return div(g, sum(g, mul(g, losses, weights), [0]), shift(g, sum(g, weights, [0]), 1e-6));
}

/** Squared error of predictions [N] against targets [N], per sample. */
export function squaredError(g: Graph, prediction: Value, target: Value): Value {
  return square(g, sub(g, prediction, target));
}

/** Negative log-likelihood of a Gaussian with predicted log-variance, per sample [N], without its constant. */
export function gaussianNll(g: Graph, prediction: Value, logVariance: Value, target: Value): Value {
  const bounded = clip(g, logVariance, -6, 4);
  return scale(g, add(g, mul(g, squaredError(g, prediction, target), exp(g, neg(g, bounded))), bounded), 0.5);
}

/** Cross-entropy of logits [N, C] with label distributions [N, C], per sample [N]. */
export function crossEntropy(g: Graph, logits: Value, labels: Value): Value {
  return neg(g, sum(g, mul(g, logSoftmax(g, logits), labels), [1]));
}

/**
 * Symmetric (or one-sided) cross-entropy over S_ij = virtual_i . observed_j / tau, on rows where `valid` [N] is 1: the
 * semantic matching of TRML. Both inputs are L2-normalised, [N, d]. Rows and columns of invalid samples are left out of
 * the softmax.
 */
export function semanticMatching(
  g: Graph,
  virtual: Value,
  observed: Value,
  valid: Value,
  options: { readonly tau: number; readonly symmetric: boolean },
): Value {
  const n = Number(virtual.shape[0]);
  const similarity = scale(g, matMul(g, virtual, transpose(g, observed, [1, 0])), 1 / options.tau);
  const identity = g.constant(
    Float32Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0)),
    [n, n],
  );
  const hidden = scale(g, sub(g, valid, g.scalar(1)), 1e4);
  const oneWay = (scores: Value): Value => weightedMean(g, crossEntropy(g, add(g, scores, hidden), identity), valid);
  const forward = oneWay(similarity);
  if (!options.symmetric) return forward;
  return scale(g, add(g, forward, oneWay(transpose(g, similarity, [1, 0]))), 0.5);
}

/**
 * Mean distance 1 - cos(virtual_i, observed_i) on rows where `valid` [N] is 1; both L2-normalised, [N, d]. Semantic matching
 * is content with the right order of the similarities; this asks for the place.
 */
export function cosineDistance(g: Graph, virtual: Value, observed: Value, valid: Value): Value {
  return weightedMean(g, complement(g, sum(g, mul(g, virtual, observed), [1])), valid);
}

/**
 * Supervised contrastive loss between two sets of L2-normalised embeddings (Khosla et al., arXiv 2004.11362) with soft
 * positives: row i should find the columns j in proportion to `affinity` [N, M], whose rows sum to 1 where `valid` [N]
 * is 1. Columns that must not be met at all are hidden with `columns` [M] = 0.
 */
export function supervisedContrastive(
  g: Graph,
  anchors: Value,
  others: Value,
  target: { readonly affinity: Value; readonly valid: Value; readonly columns: Value },
  tau: number,
): Value {
  const similarity = scale(g, matMul(g, anchors, transpose(g, others, [1, 0])), 1 / tau);
  const hidden = scale(g, sub(g, target.columns, g.scalar(1)), 1e4);
  return weightedMean(g, crossEntropy(g, add(g, similarity, hidden), target.affinity), target.valid);
}
