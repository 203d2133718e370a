import { z } from 'zod';
import type { Manifest } from '../../models/bundle/manifest.ts';

const Names = z.array(z.string());

/** Data of which a run sees no labels. */
const UNLABELLED = / \((backgrounds|teacher|no labels)\)$/;

/**
 * Names of the data sets with whose labels a bundle's heads, and the adapter that it may have, were trained: its own data and that
 * of the heads and the adapter that it started from. Of a bundle that an earlier version tuned this is what its encoders were
 * made of, too, which comes with the heads that it started from.
 */
export function headsSaw({ training, data }: Pick<Manifest, 'training' | 'data'>): string[] {
  const further = typeof training['starts_from'] === 'string';
  const before = training['start_saw'] ?? (further ? training['encoders_saw'] : undefined);
  const own = data.filter(({ split }) => split === 'train').map(({ name }) => name);
  const labelled = [...own, ...(Names.safeParse(before).data ?? [])].filter((name) => !UNLABELLED.test(name));
  return [...new Set(labelled.map(datasetOf))];
}

/** The data set that a name in a manifest is of: without what is said of it in brackets. */
export function datasetOf(name: string): string {
  return name.replace(/ \(.*$/s, '');
}
