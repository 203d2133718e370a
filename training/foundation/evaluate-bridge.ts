import { BASELINES, measureBaselines, type BothWays } from './baselines.ts';
import { chooseCloseness } from './choose-closeness.ts';
import { foldsOf } from './folds.ts';
import { measureBridge } from './measure-bridge.ts';
import type { EmbeddingPairs } from './pairs.ts';
import { trainBridge, type BridgeConfig, type Closeness } from './train-bridge.ts';

export interface BridgeRecipe {
  readonly config: BridgeConfig;
  /** Weights of nearness to choose from; see chooseCloseness. */
  readonly candidates: readonly number[];
  readonly innerFolds: number;
}

export interface EvaluateBridgeOptions {
  readonly recipe: BridgeRecipe;
  readonly folds: number;
  /** One training per fold and seed; the folds are the same. */
  readonly seeds: readonly number[];
  readonly signal?: AbortSignal;
  readonly onProgress?: (fits: number, of: number) => void;
}

export interface Spread {
  readonly mean: number;
  readonly min: number;
  readonly max: number;
}

/** Over the held-out folds, and over the seeds where a head was trained. */
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
  const folds = foldsOf(pairs, count, 'folds');
  const fitsPerFold = seeds.length + recipe.candidates.length * recipe.innerFolds;
  let fits = 0;
  const onFit = (): void => {
    signal?.throwIfAborted();
    onProgress(++fits, count * fitsPerFold);
  };
  const found = new Map<string, BothWays[]>();
  const add = (name: string, quality: BothWays): void => void found.set(name, [...(found.get(name) ?? []), quality]);
  const chosen: Closeness[] = [];
  for (const { train, test } of folds) {
    const closeness = await chooseCloseness(train, recipe.config, {
      candidates: recipe.candidates,
      folds: recipe.innerFolds,
      seed: 0,
      onFit,
    });
    chosen.push(closeness);
    const baselines = measureBaselines(train, test);
    for (const name of BASELINES) add(name, baselines[name]);
    for (const seed of seeds) {
      add('trained', await measureBridge(await trainBridge(train, { ...recipe.config, closeness }, seed), test));
      onFit();
    }
  }
  return {
    pairs: pairs.images.length,
    trainedOn: folds[0]?.train.images.length ?? 0,
    candidates: folds[0]?.test.images.length ?? 0,
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
