import { apply, component } from '../graph/component.ts';
import { Graph, type Value } from '../graph/graph.ts';
import {
  add,
  bigrams,
  div,
  embed,
  l2Normalize,
  matMul,
  mul,
  present,
  shift,
  slice,
  sqrt,
  sum,
  unsqueeze,
} from '../graph/ops/index.ts';
import { statistic } from '../graph/param.ts';

export interface LexicalAdapterConfig {
  /** Token ids are below this. */
  readonly vocabulary: number;
  /** Id of padding: such tokens are not read. */
  readonly padId: number;
  /** Buckets of hashed pairs of neighbouring tokens. */
  readonly buckets: number;
  /** What is read of a text: numbers, such as the logits of classes. */
  readonly reads: number;
  /** d: size of the embeddings. */
  readonly dimension: number;
}

export interface LexicalAdapterInput {
  /** int64 [N, L]. */
  readonly tokens: Value;
  /** [N, d], L2-normalised. */
  readonly embedding: Value;
}

/**
 * Moves text embeddings by what a linear model reads out of the words themselves, each read along a direction of its own: to
 * L2-normalised embeddings [N, d]. The encoder stays as it is, as with CLIP-Adapter (Gao et al., arXiv 2110.04544).
 *
 * A row of `tokens` [vocabulary, reads + 1] and `pairs` [buckets, reads + 1] is what one occurrence adds to each read, and
 * to the squares of the text's occurrences, by whose root the reads are divided: tf-idf of length 1, where nothing occurs twice,
 * before a linear model, folded.
 */
export function lexicalAdapter({ vocabulary, padId, buckets, reads, dimension }: LexicalAdapterConfig) {
  const params = {
    tokens: statistic([vocabulary, reads + 1], 0),
    pairs: statistic([buckets, reads + 1], 0),
    directions: statistic([reads, dimension], 0),
  };
  return component(params, (g, p, { tokens, embedding }: LexicalAdapterInput) => {
    const mask = present(g, tokens, padId);
    const summed = (table: Value, ids: Value): Value => sum(g, mul(g, embed(g, table, ids), unsqueeze(g, mask)), [1]);
    const both = add(g, summed(p.tokens, tokens), summed(p.pairs, bigrams(g, tokens, mask, buckets)));
    const length = sqrt(g, shift(g, slice(g, both, 1, reads, reads + 1), 1e-12));
    const read = div(g, slice(g, both, 1, 0, reads), length);
    return l2Normalize(g, add(g, embedding, matMul(g, read, p.directions)));
  });
}

/** Inputs and output of {@link lexicalAdapterGraph}; see `TextAdapter` in models/bundle/manifest.ts. */
export const ADAPTER_PORTS = { inputs: { tokens: 'tokens', embedding: 'embedding' }, output: 'adapted' } as const;

/** The adapter as an inference graph, with parameters named below `adapter`. */
export function lexicalAdapterGraph(config: LexicalAdapterConfig): Graph {
  const g = new Graph();
  const { inputs, output } = ADAPTER_PORTS;
  const tokens = g.input(inputs.tokens, ['N', 'L'], 'int64');
  const embedding = g.input(inputs.embedding, ['N', config.dimension]);
  g.output(output, apply(g, lexicalAdapter(config), 'adapter', { tokens, embedding }));
  return g;
}
