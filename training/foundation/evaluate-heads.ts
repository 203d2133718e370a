import { EXIT, UndertoneError } from '../../models/errors.ts';
import { BRIDGE_RECIPE } from './bridge-recipe.ts';
import { evaluateBridge, type BridgeRecipe, type EvaluateBridgeOptions } from './evaluate-bridge.ts';
import type { HeadsReport } from './format-bridge.ts';
import { loadPairs } from './load-pairs.ts';
import { retrieval } from './retrieval.ts';
import { zeroShot } from './zero-shot.ts';

export interface EvaluateHeadsOptions extends Pick<EvaluateBridgeOptions, 'signal' | 'onProgress'> {
  readonly folds: number;
  /** How often the folds are drawn anew. */
  readonly seeds: number;
  readonly recipe?: BridgeRecipe;
}

/**
 * What can be told about a foundation model from a folder of its embeddings: retrieval, zero-shot naming, and
 * cross-validated synthesis in both directions beside its baselines.
 *
 * @throws UndertoneError `heads_folds` for too few pairs or seeds; see loadPairs
 */
export async function evaluateHeads(folder: string, options: EvaluateHeadsOptions): Promise<HeadsReport> {
  const { folds, seeds, recipe = BRIDGE_RECIPE, ...watch } = options;
  const pairs = await loadPairs(folder);
  const perFold = pairs.images.length / Math.max(1, folds);
  const left = pairs.images.length - Math.ceil(perFold);
  if (folds < 2 || seeds < 1 || Math.floor(perFold) < 2 || left < 2 * recipe.innerFolds)
    throw new UndertoneError(
      'heads_folds',
      `${pairs.images.length} pairs cannot be tested in ${folds} folds with ${seeds} seeds; give two folds or more, and several pairs for each`,
      { exitCode: EXIT.usage },
    );
  const named = zeroShot(pairs);
  const synthesis = await evaluateBridge(pairs, {
    recipe,
    folds,
    seeds: Array.from({ length: seeds }, (_, i) => i + 1),
    ...watch,
  });
  const report = { retrieval: retrieval(pairs), synthesis };
  return named === undefined ? report : { ...report, zeroShot: named };
}
