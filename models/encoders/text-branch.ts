import { component } from '../graph/component.ts';
import type { Graph, Value } from '../graph/graph.ts';
import {
  add,
  bigrams,
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

export interface TextBranchConfig {
  /** Width of the token embeddings and of the blocks. */
  readonly width: number;
  /** Transformer blocks; with none the branch is a bag of tokens. */
  readonly layers: number;
  readonly heads: number;
  readonly feedForward: number;
  /** Hashed pairs of neighbouring tokens, averaged beside the tokens. */
  readonly bigrams?: { readonly buckets: number; readonly width: number };
  /** Size of the branch's embedding. */
  readonly dimension: number;
  /** Dropout rate of token and pair embeddings and of the pooled features. */
  readonly dropout: number;
}

/** Tokens of texts: `tokens` int64 [N, L] and `mask` float32 [N, L], 1 on tokens and 0 on padding. */
export interface TextInput {
  readonly tokens: Value;
  readonly mask: Value;
}

/**
 * One reader of a text: a small pre-norm transformer whose token outputs are averaged, and hashed bigrams beside it.
 *
 * To an L2-normalised embedding [N, dimension]. Padding changes nothing: positions count the mask's ones, attention does
 * not see the rest, and the pair of the last token has no neighbour.
 */
export function textBranch(config: TextBranchConfig & { readonly vocabulary: number; readonly maxTokens: number }) {
  const { vocabulary, maxTokens, width, layers, feedForward, dimension, bigrams: pairs } = config;
  const params = {
    tokens: weight([vocabulary, width], 0.1),
    positions: weight([maxTokens, width], 0.02),
    blocks: Array.from({ length: layers }, () => transformerParams(width, feedForward)),
    norm: normParams(width),
    output: linearParams(width, dimension),
    pairs: (pairs === undefined ? [] : [pairs]).map(({ buckets, width: size }) => ({
      table: weight([buckets, size], 0.02),
      output: linearParams(size, dimension),
    })),
  };
  return component(params, (g, p, { tokens, mask }: TextInput) => {
    const [batch = 1, length = 1] = tokens.shape;
    const dropped = (x: Value): Value => dropout(g, x, config.dropout);
    let x = add(g, dropped(embed(g, p.tokens, tokens)), embed(g, p.positions, positions(g, mask)));
    const attentionBias = scale(g, shift(g, reshape(g, mask, [batch, 1, 1, length]), -1), 1e4);
    for (const block of p.blocks) x = transformer(g, x, block, { heads: config.heads, attentionBias });
    let out = linear(g, dropped(maskedMean(g, applyNorm(g, x, p.norm), mask)), p.output);
    for (const { table, output } of p.pairs)
      out = add(g, out, pooledPairs(g, { tokens, mask }, { table, output }, config.dropout));
    return l2Normalize(g, out);
  });
}

function pooledPairs(
  g: Graph,
  { tokens, mask }: TextInput,
  { table, output }: { readonly table: Value; readonly output: { readonly w: Value; readonly b: Value } },
  rate: number,
): Value {
  const buckets = bigrams(g, tokens, mask, Number(table.shape[0]));
  return linear(g, maskedMean(g, dropout(g, embed(g, table, buckets), rate), mask), output);
}
