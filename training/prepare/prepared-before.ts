import { UndertoneError } from '../../models/errors.ts';
import { knownRows, type KnownRows } from './known-rows.ts';
import { readPrepared } from './prepared-file.ts';

/**
 * Opens the prepared file that an earlier run made with this bundle; one that cannot be read holds nothing. A folder that lies
 * elsewhere since is the same as long as half of what was encoded is in it.
 *
 * @param options `folder` of the data set, and the stamps of its samples
 * @throws UndertoneError `checkpoint_mismatch` where it was made of another folder, whose embeddings would be lost
 */
export async function preparedBefore(
  file: string,
  {
    folder,
    stamps,
    sha256,
    slots,
    dimension,
  }: {
    readonly folder: string;
    readonly stamps: readonly string[];
    readonly sha256: string;
    readonly slots: number;
    readonly dimension: number;
  },
): Promise<KnownRows> {
  const before = await readPrepared(file).catch(() => undefined);
  const { index } = before ?? {};
  const made = index?.clips.map(({ stamp }) => stamp) ?? [];
  if (index?.folder !== undefined && index.folder !== folder && !holdsHalf(new Set(stamps), made))
    throw new UndertoneError(
      'checkpoint_mismatch',
      `${file} was made of ${index.folder}, and less than half of that is in ${folder}, as it was there; give another --out, or remove it`,
    );
  if (before === undefined || index?.bundle.sha256 !== sha256 || index.slots !== slots || index.dimension !== dimension)
    return knownRows([]);
  return knownRows([{ rows: before.table, stamps: made }]);
}

function holdsHalf(here: ReadonlySet<string>, made: readonly (string | undefined)[]): boolean {
  const known = made.filter((stamp) => stamp !== undefined);
  const kept = known.filter((stamp) => here.has(stamp)).length;
  return kept > 0 && 2 * kept >= known.length;
}
