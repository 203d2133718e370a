import type { LocalModel } from '../../../models/runtime/load-local-model.ts';

/**
 * What a reader of the report must know where the bundle's texts are moved by an adapter.
 *
 * @param known how many of the `tested` clips the adapter was fitted to
 */
export function adaptedNotes({ info }: Pick<LocalModel, 'info'>, known: number, tested: number): string[] {
  if (!info.modalities.some(({ adapted }) => adapted)) return [];
  const among = known === 0 ? '' : `; ${known} of the ${tested} clips to test on are among those`;
  return [
    `texts are moved by the bundle's own adapter, which knows those that it was fitted to better than others${among}`,
  ];
}
