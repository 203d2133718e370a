import type { BothWays } from './baselines.ts';
import { foldsOf } from './folds.ts';
import { measureBridge } from './measure-bridge.ts';
import type { EmbeddingPairs } from './pairs.ts';
import { trainBridge, type BridgeConfig, type Closeness } from './train-bridge.ts';

export interface ChooseOptions {
  readonly candidates: readonly number[];
  /** Parts that the training pairs are cut into. */
  readonly folds: number;
  readonly seed: number;
  readonly onFit?: () => void;
}

/**
 * Chooses for each head how much nearness counts beside telling apart, by cross-validation inside the training pairs: the
 * weight with the largest sum of cosine and R@1, so that neither is bought with more of the other.
 */
export async function chooseCloseness(
  train: EmbeddingPairs,
  config: BridgeConfig,
  { candidates, folds, seed, onFit = () => undefined }: ChooseOptions,
): Promise<Closeness> {
  const inner = foldsOf(train, folds, seed, 'inner folds');
  const tried: { weight: number; found: BothWays[] }[] = [];
  for (const weight of candidates.toSorted((a, b) => a - b)) {
    const found: BothWays[] = [];
    for (const fold of inner) {
      const closeness = { textToVisual: weight, visualToText: weight };
      found.push(await measureBridge(await trainBridge(fold.train, { ...config, closeness }, seed), fold.test));
      onFit();
    }
    tried.push({ weight, found });
  }
  const best = (way: keyof BothWays): number => {
    const [first] = tried.toSorted((a, b) => sumOf(b.found, way) - sumOf(a.found, way));
    return first?.weight ?? config.closeness[way];
  };
  return { textToVisual: best('textToVisual'), visualToText: best('visualToText') };
}

function sumOf(found: readonly BothWays[], way: keyof BothWays): number {
  return found.reduce((sum, one) => sum + one[way].cosine + one[way].recallAt1, 0);
}
