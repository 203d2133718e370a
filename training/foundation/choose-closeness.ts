import { measureBaselines, type BothWays } from './baselines.ts';
import { foldsOf } from './folds.ts';
import { measureBridge } from './measure-bridge.ts';
import type { EmbeddingPairs } from './pairs.ts';
import { trainBridge, type BridgeConfig, type Closeness } from './train-bridge.ts';

export interface ChooseOptions {
  readonly candidates: readonly number[];
  /** How much nearer than the mean embedding a head must come, in cosine. */
  readonly margin: number;
  /** Parts that the training pairs are cut into. */
  readonly folds: number;
  readonly seed: number;
  /** Called after each training. */
  readonly onFit?: () => void;
}

/**
 * Chooses for each head how much nearness counts beside telling apart, by cross-validation inside the training pairs: the
 * smallest weight with which the virtual embedding comes nearer than the mean embedding does, by a margin, or the largest
 * where none does. The mean is near for nothing, and every further step towards it costs what the head can tell apart.
 */
export async function chooseCloseness(
  train: EmbeddingPairs,
  options: Omit<BridgeConfig, 'closeness'>,
  choose: ChooseOptions,
): Promise<Closeness> {
  const inner = foldsOf(train, choose.folds, choose.seed, 'inner folds');
  const bars = inner.map((fold) => measureBaselines(fold.train, fold.test).mean);
  const chosen: Partial<Record<keyof BothWays, number>> = {};
  const ascending = choose.candidates.toSorted((a, b) => a - b);
  for (const weight of ascending) {
    const config = { ...options, closeness: { textToVisual: weight, visualToText: weight } };
    const found: BothWays[] = [];
    for (const fold of inner) {
      found.push(await measureBridge(await trainBridge(fold.train, config, choose.seed), fold.test));
      choose.onFit?.();
    }
    for (const way of ['textToVisual', 'visualToText'] as const)
      if (meanCosine(found, way) >= meanCosine(bars, way) + choose.margin) chosen[way] ??= weight;
    if (chosen.textToVisual !== undefined && chosen.visualToText !== undefined) break;
  }
  const last = ascending.at(-1) ?? Number.NaN;
  return { textToVisual: chosen.textToVisual ?? last, visualToText: chosen.visualToText ?? last };
}

function meanCosine(found: readonly BothWays[], way: keyof BothWays): number {
  return found.reduce((sum, one) => sum + one[way].cosine, 0) / found.length;
}
