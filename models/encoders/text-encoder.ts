import { apply, component } from '../graph/component.ts';
import type { Graph, Value } from '../graph/graph.ts';
import { concat, l2Normalize, linear } from '../graph/ops/index.ts';
import { linearParams } from './layers.ts';
import { textBranch, type TextBranchConfig, type TextInput } from './text-branch.ts';

export interface TextEncoderConfig {
  readonly vocabulary: number;
  readonly maxTokens: number;
  /** Readers of the text, each trained on its own; together they err less than any one of them. */
  readonly branches: readonly TextBranchConfig[];
  /** d: size of the embedding. */
  readonly dimension: number;
}

/** Name of a branch's parameters, below that of the encoder. */
export function branchName(index: number): string {
  return `branches.${index}`;
}

/**
 * The text encoder of `undertone-compact`: several small readers side by side, and a linear map of what they say into
 * the space that faces share. tokens int64 [N, L] and mask [N, L] to an L2-normalised embedding [N, d].
 */
export function textEncoder(config: TextEncoderConfig) {
  const readers = readersOf(config);
  const aligned = textAlignment(config);
  const params = { branches: readers.map((reader) => reader.params), align: aligned.params };
  return component(params, (g, p, input: TextInput) => {
    const said = readers.map((reader, i) => reader.forward(g, at(p.branches, i), input));
    return aligned.forward(g, p.align, concat(g, said, 1));
  });
}

/** The last step of the text encoder: the branches' embeddings [N, sum of their sizes] to the embedding [N, d]. */
export function textAlignment({ branches, dimension }: Pick<TextEncoderConfig, 'branches' | 'dimension'>) {
  const width = branches.reduce((sum, branch) => sum + branch.dimension, 0);
  return component(linearParams(width, dimension), (g, p, said: Value) => l2Normalize(g, linear(g, said, p)));
}

/** The branches alone, side by side: what the alignment reads. */
export function textBranches(g: Graph, name: string, config: TextEncoderConfig, input: TextInput): Value {
  const said = readersOf(config).map((reader, i) => apply(g, reader, `${name}.${branchName(i)}`, input));
  return concat(g, said, 1);
}

function readersOf(config: TextEncoderConfig) {
  return config.branches.map((branch) => textBranch({ ...config, ...branch }));
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new RangeError(`no branch ${index}`);
  return item;
}
