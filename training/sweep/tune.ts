import type { Recipe } from '../recipes/recipe.ts';
import { takeRows, type ClipTable } from './clip-table.ts';
import { candidates, type Method } from './methods.ts';
import { runUnit } from './run-unit.ts';
import { groupedFolds } from './sets/grouped-folds.ts';
import type { Fold, SweepSet } from './sweep-set.ts';
import type { Budget } from './train-method.ts';
import { unitKey, type Unit, type UnitResult } from './unit.ts';
import type { UnitStore } from './unit-store.ts';
import type { Loss } from './loss.ts';

/** Of none of the seeds that are reported. */
const TUNING_SEED = 1000;
/** A fifth of the training clips. */
const HELD_OUT = 5;

export interface TuneOptions {
  readonly set: SweepSet;
  /** {@link tuningFold} of the set. */
  readonly fold: () => Promise<Fold>;
  readonly recipe: Pick<Recipe, 'heads' | 'clips'>;
  readonly budget: Budget;
  readonly store: UnitStore;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The candidate of a method that does best on a fifth of the training clips that it was not trained on: the mean of the
 * set's first measure over everything observed, each modality missing, and half of the video missing.
 */
export async function tune(method: Method, options: TuneOptions): Promise<Method> {
  const { set, fold, recipe, budget, store, signal } = options;
  const testing: (Loss | null)[] = [
    null,
    { modality: 'text', level: 'sample', rate: 1 },
    { modality: 'video', level: 'sample', rate: 1 },
    { modality: 'video', level: set.levels.includes('frame') ? 'frame' : 'sample', rate: 0.5 },
  ];
  let best: { method: Method; value: number } | undefined;
  for (const candidate of candidates(method)) {
    signal?.throwIfAborted();
    const unit: Unit = { set: set.name, method: candidate, seed: TUNING_SEED, training: null, testing };
    const key = `tune-${unitKey(unit, set.fingerprint, recipe, budget.steps, budget.batch, testing)}`;
    let result = await store.read(key);
    if (result === undefined) {
      result = await runUnit(unit, { set, folds: [await fold()], recipe, budget, scoreVirtual: false, signal });
      await store.write(key, result);
    }
    const value = meanMeasure(result, set);
    if (best === undefined || value > best.value) best = { method: candidate, value };
  }
  return best?.method ?? method;
}

/** The training clips of a seed of its own, in what is trained on and what is held out. */
export function tuningFold(set: SweepSet): Fold {
  const { train } = set.folds(TUNING_SEED)[0] as Fold;
  const part = partsOf(train);
  const rowsOf = (isHeldOut: boolean): number[] => [...part.keys()].filter((i) => (part[i] === 0) === isHeldOut);
  return { train: takeRows(train, rowsOf(false)), test: takeRows(train, rowsOf(true)) };
}

/** The part of each clip, the first being what is held out: groups are never cut, unless there is but one. */
function partsOf({ n, groups = [] }: ClipTable): Int8Array {
  if (new Set(groups).size > 1) return groupedFolds(groups, HELD_OUT, TUNING_SEED, 'tuning');
  return Int8Array.from({ length: n }, (_, i) => i % HELD_OUT);
}

/** Higher is better. */
function meanMeasure({ tests }: UnitResult, { measures: [measure] }: SweepSet): number {
  const values = tests.map(({ metrics }) => metrics[measure?.name ?? ''] ?? 0);
  const mean = values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
  return measure?.better === 'lower' ? -mean : mean;
}
