import { component } from '../graph/component.ts';
import type { Value } from '../graph/graph.ts';
import {
  add,
  dropout,
  embed,
  l2Normalize,
  linear,
  maskedMean,
  positions,
  reshape,
  scale,
  shift,
} from '../graph/ops/index.ts';
import { weight } from '../graph/param.ts';
import { applyNorm, linearParams, normParams, transformer, transformerParams } from './layers.ts';

export interface TextEncoderConfig {
  readonly vocabulary: number;
  readonly maxTokens: number;
  /** Width of the token embeddings and of the blocks. */
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly feedForward: number;
  /** d: size of the embedding. */
  readonly dimension: number;
  /** Dropout rate of token embeddings and of the pooled features. */
  readonly dropout: number;
}

/**
 * The text encoder of `undertone-compact`: a small pre-norm transformer whose token outputs are averaged.
 *
 * tokens int64 [N, L] and mask float32 [N, L] (1 on tokens, 0 on padding) to an L2-normalised embedding [N, d]. Padding
 * changes nothing: positions count the mask's ones and attention does not see the rest.
 */
export function textEncoder(config: TextEncoderConfig) {
  const { vocabulary, maxTokens, width, layers, heads, feedForward, dimension } = config;
  const params = {
    tokens: weight([vocabulary, width], 0.1),
    positions: weight([maxTokens, width], 0.02),
    blocks: Array.from({ length: layers }, () => transformerParams(width, feedForward)),
    norm: normParams(width),
    output: linearParams(width, dimension),
  };
  return component(params, (g, p, { tokens, mask }: { tokens: Value; mask: Value }) => {
    const [batch = 1, length = 1] = tokens.shape;
    const embedded = dropout(g, embed(g, p.tokens, tokens), config.dropout);
    let x = add(g, embedded, embed(g, p.positions, positions(g, mask)));
    const attentionBias = scale(g, shift(g, reshape(g, mask, [batch, 1, 1, length]), -1), 1e4);
    for (const block of p.blocks) x = transformer(g, x, block, { heads, attentionBias });
    const pooled = maskedMean(g, applyNorm(g, x, p.norm), mask);
    return l2Normalize(g, linear(g, dropout(g, pooled, config.dropout), p.output));
  });
}
