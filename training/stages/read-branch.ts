import { textBranch } from '../../models/encoders/text-branch.ts';
import { branchName } from '../../models/encoders/text-encoder.ts';
import { apply } from '../../models/graph/component.ts';
import type { Graph, Value } from '../../models/graph/graph.ts';
import type { Recipe } from '../recipes/recipe.ts';

export interface BranchOptions {
  /** Which branch of the text encoder. */
  readonly branch: number;
  readonly vocabulary: number;
  readonly batch: number;
  /** In place of the branch's own. */
  readonly dropout?: number;
}

/** @throws RangeError when there is no such branch */
export function branchOf({ branches }: Recipe['text'], branch: number): Recipe['text']['branches'][number] {
  const config = branches[branch];
  if (config === undefined) throw new RangeError(`no branch ${branch}`);
  return config;
}

/** What a branch of the text encoder says of the inputs `tokens` and `mask` [batch, maxTokens]. */
export function readBranch(g: Graph, text: Recipe['text'], options: BranchOptions): Value {
  const { branch, vocabulary, batch } = options;
  const { maxTokens } = text;
  const config = branchOf(text, branch);
  const dropout = options.dropout ?? config.dropout;
  return apply(g, textBranch({ ...config, dropout, vocabulary, maxTokens }), `text.${branchName(branch)}`, {
    tokens: g.input('tokens', [batch, maxTokens], 'int64'),
    mask: g.input('mask', [batch, maxTokens]),
  });
}
