import { UndertoneError } from '../../models/errors.ts';
import { knownRows, type KnownRows } from './known-rows.ts';
import { readPrepared } from './prepared-file.ts';

/**
 * Opens the prepared file that an earlier run made with this bundle; one that cannot be read holds nothing.
 *
 * @throws UndertoneError `checkpoint_mismatch` where it was made of another folder, whose embeddings would be lost
 */
export async function preparedBefore(
  file: string,
  {
    folder,
    sha256,
    slots,
    dimension,
  }: { readonly folder: string; readonly sha256: string; readonly slots: number; readonly dimension: number },
): Promise<KnownRows> {
  const before = await readPrepared(file).catch(() => undefined);
  const { index } = before ?? {};
  if (index?.folder !== undefined && index.folder !== folder)
    throw new UndertoneError(
      'checkpoint_mismatch',
      `${file} was made of ${index.folder}, not of ${folder}; give another --out, or remove it`,
    );
  if (before === undefined || index?.bundle.sha256 !== sha256 || index.slots !== slots || index.dimension !== dimension)
    return knownRows([]);
  return knownRows([{ rows: before.table, stamps: index.clips.map(({ stamp }) => stamp) }]);
}
