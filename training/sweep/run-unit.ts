import type { Recipe } from '../recipes/recipe.ts';
import { lossMasks } from './loss.ts';
import { uses } from './methods.ts';
import type { UnitModels } from './model-store.ts';
import type { Fold, SweepSet } from './sweep-set.ts';
import { tableMetrics, type Tested } from './table-metrics.ts';
import { trainMethod, type Budget } from './train-method.ts';
import type { Unit, UnitResult } from './unit.ts';
import { untested } from './untested.ts';
import { virtualMetrics } from './virtual-metrics.ts';

export interface RunUnitOptions {
  readonly set: SweepSet;
  readonly folds: readonly Fold[];
  readonly recipe: Pick<Recipe, 'heads' | 'clips'>;
  readonly budget: Budget;
  /** Whether to score the inference heads alone, of a method trained on everything. */
  readonly scoreVirtual?: boolean;
  /** What was measured of it before: only what that lacks is. */
  readonly known?: UnitResult | undefined;
  /** Where its trained parameters are kept; not kept unless given. */
  readonly models?: UnitModels | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Trains a unit on every fold, where its parameters are not kept from before, and measures it on all of their test clips
 * together, once for each case of testing.
 */
export async function runUnit(unit: Unit, options: RunUnitOptions): Promise<UnitResult> {
  const { set, folds, recipe, budget, scoreVirtual = true, known, models, signal } = options;
  const { method, seed, training } = unit;
  const testing = untested(unit, known);
  const startedMs = performance.now();
  const tested: Tested[][] = testing.map(() => []);
  let virtual = known?.virtual;
  for (const [at, fold] of folds.entries()) {
    const masks = lossMasks(fold.train, training, seed, 'training loss', at);
    const adapted = uses(method, 'text') ? await set.adapt?.(fold, masks.text, seed) : undefined;
    const { train, test } = adapted ?? fold;
    const emotions = set.emotions.length;
    const params = await models?.read(at);
    const predictor = await trainMethod({ method, recipe, train, masks, emotions, seed, budget, params, signal });
    try {
      if (params === undefined && predictor.params !== undefined) await models?.write(at, predictor.params);
      for (const [i, loss] of testing.entries()) {
        const left = lossMasks(test, loss, seed, 'testing loss', at);
        tested[i]?.push({ predicted: await predictor.predict(test, left), table: test });
      }
      if (scoreVirtual && training === null && at === 0) virtual ??= await virtualMetrics(predictor, test);
    } finally {
      await predictor.close();
    }
  }
  return {
    set: set.name,
    method: method.name,
    seed,
    training,
    tests: [
      ...(known?.tests ?? []),
      ...testing.map((loss, i) => ({ testing: loss, metrics: tableMetrics(tested[i] ?? [], set.emotions) })),
    ],
    virtual: virtual ?? {},
    seconds: (known?.seconds ?? 0) + (performance.now() - startedMs) / 1000,
  };
}
