import { BASELINES, measureBaselines, type BothWays } from './baselines.ts';
import { chooseCloseness } from './choose-closeness.ts';
import { foldsOf } from './folds.ts';
import { measureBridge } from './measure-bridge.ts';
import type { EmbeddingPairs } from './pairs.ts';
import { trainBridge, type BridgeConfig, type Closeness } from './train-bridge.ts';

export interface BridgeRecipe {
  /** But for the closeness, which is chosen. */
  readonly config: Omit<BridgeConfig, 'closeness'>;
  /** Weights of nearness to choose from; see chooseCloseness. */
  readonly candidates: readonly number[];
  /** See chooseCloseness. */
  readonly margin: number;
  readonly innerFolds: number;
}

export interface EvaluateBridgeOptions {
  readonly recipe: BridgeRecipe;
  readonly folds: number;
  /** Each draws other folds and another start of the heads. */
  readonly seeds: readonly number[];
  readonly signal?: AbortSignal;
  readonly onProgress?: (fits: number, of: number) => void;
}

export interface Spread {
  readonly mean: number;
  readonly min: number;
  readonly max: number;
}

/** Over the held-out folds of all seeds. */
export type MethodFigures = Readonly<Record<keyof BothWays, { readonly cosine: Spread; readonly recallAt1: Spread }>>;

export interface BridgeEvaluation {
  readonly pairs: number;
  readonly trainedOn: number;
  /** Candidates of R@1, and so one over its chance. */
  readonly candidates: number;
  readonly folds: number;
  readonly seeds: readonly number[];
  readonly methods: Readonly<Record<string, MethodFigures>>;
  /** What was chosen inside each fold's training pairs. */
  readonly chosen: readonly Closeness[];
}

/**
 * Cross-validates Text-2-Visual and Visual-2-Text on pairs: each fold is held out once, everything is fitted and chosen on
 * the others, and the held-out pairs are looked at last. Baselines are measured on the same folds.
 */
export async function evaluateBridge(pairs: EmbeddingPairs, options: EvaluateBridgeOptions): Promise<BridgeEvaluation> {
  const { recipe, folds: count, seeds, signal, onProgress = () => undefined } = options;
  const fitsPerFold = 1 + recipe.candidates.length * recipe.innerFolds;
  let fits = 0;
  const onFit = (): void => {
    signal?.throwIfAborted();
    onProgress(++fits, seeds.length * count * fitsPerFold);
  };
  const found = new Map<string, BothWays[]>();
  const add = (name: string, quality: BothWays): void => void found.set(name, [...(found.get(name) ?? []), quality]);
  const chosen: Closeness[] = [];
  for (const seed of seeds) {
    for (const { train, test } of foldsOf(pairs, count, seed, 'folds')) {
      const { candidates, margin, innerFolds, config } = recipe;
      const closeness = await chooseCloseness(train, config, { candidates, margin, folds: innerFolds, seed, onFit });
      fits = chosen.push(closeness) * fitsPerFold - 1;
      const baselines = measureBaselines(train, test);
      for (const name of BASELINES) add(name, baselines[name]);
      add('trained', await measureBridge(await trainBridge(train, { ...config, closeness }, seed), test));
      onFit();
    }
  }
  const candidates = Math.floor(pairs.images.length / count);
  return {
    pairs: pairs.images.length,
    trainedOn: pairs.images.length - candidates,
    candidates,
    folds: count,
    seeds,
    methods: Object.fromEntries([...found].map(([name, qualities]) => [name, figures(qualities)])),
    chosen,
  };
}

function figures(qualities: readonly BothWays[]): MethodFigures {
  const way = (name: keyof BothWays) => ({
    cosine: spread(qualities.map((quality) => quality[name].cosine)),
    recallAt1: spread(qualities.map((quality) => quality[name].recallAt1)),
  });
  return { textToVisual: way('textToVisual'), visualToText: way('visualToText') };
}

function spread(values: readonly number[]): Spread {
  return {
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    min: Math.min(...values),
    max: Math.max(...values),
  };
}
