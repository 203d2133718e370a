import type { LocalModel } from '../../models/runtime/load-local-model.ts';
import { fingerprint } from '../fingerprint.ts';
import type { Fold, SweepSet } from '../sweep/sweep-set.ts';
import { adaptTable, fitToTable } from './adapt-table.ts';

/**
 * A set whose text embeddings are moved by a lexical adapter, for every method alike: fitted, fold by fold, to the training texts
 * that are there and to nothing of the test clips.
 */
export function adaptedSet(set: SweepSet, model: LocalModel): SweepSet {
  // Of a fold all methods ask for the same again, one loss of training after the other.
  const known = new WeakMap<Fold, { readonly key: string; readonly adapted: Promise<Fold> }>();
  return {
    ...set,
    title: `${set.title}; text embeddings moved by a lexical adapter`,
    fingerprint: fingerprint(set.fingerprint, 'lexical adapter'),
    notes: [...set.notes, 'a lexical adapter is fitted to the training texts of each fold, and serves every method'],
    adapt: async (fold, textMask, seed) => {
      const key = fingerprint(seed, [...textMask]);
      const last = known.get(fold);
      if (last?.key === key) return await last.adapted;
      const adapted = adaptFold(model, fold, textMask, seed);
      known.set(fold, { key, adapted });
      return await adapted;
    },
  };
}

/** The fold itself where no training text that is left has a label. */
async function adaptFold(
  model: LocalModel,
  { train, test }: Fold,
  textMask: Float32Array,
  seed: number,
): Promise<Fold> {
  const fitted = await fitToTable(model, train, textMask, seed);
  if (fitted === undefined) return { train, test };
  return { train: { ...train, text: fitted.crossFitted }, test: await adaptTable(model, fitted, test) };
}
