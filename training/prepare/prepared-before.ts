import { UndertoneError } from '../../models/errors.ts';
import type { Part } from './encode-part.ts';
import { readPrepared } from './prepared-file.ts';

/** What a finished preparation holds of some samples. */
export interface PreparedBefore {
  /** The samples of these stamps, in order; those that it does not hold are in `bad`. Undefined where it holds none. */
  part(ids: readonly string[], stamps: readonly string[]): Part | undefined;
}

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
): Promise<PreparedBefore> {
  const before = await readPrepared(file).catch(() => undefined);
  const { index } = before ?? {};
  if (index?.folder !== undefined && index.folder !== folder)
    throw new UndertoneError(
      'checkpoint_mismatch',
      `${file} was made of ${index.folder}, not of ${folder}; give another --out, or remove it`,
    );
  if (before === undefined || index?.bundle.sha256 !== sha256 || index.slots !== slots || index.dimension !== dimension)
    return { part: () => undefined };
  const { table } = before;
  const rowOf = new Map(index.clips.flatMap(({ stamp }, row) => (stamp === undefined ? [] : [[stamp, row] as const])));
  return {
    part: (ids, stamps) => {
      const rows = stamps.map((stamp) => rowOf.get(stamp));
      if (rows.every((row) => row === undefined)) return undefined;
      const taken = (values: Float32Array, width: number): Float32Array => {
        const out = new Float32Array(rows.length * width);
        for (const [to, row] of rows.entries())
          if (row !== undefined) out.set(values.subarray(row * width, (row + 1) * width), to * width);
        return out;
      };
      return {
        video: taken(table.video, slots * dimension),
        videoMask: taken(table.videoMask, slots),
        text: taken(table.text, dimension),
        textMask: taken(table.textMask, 1),
        bad: ids.flatMap((id, i) =>
          rows[i] === undefined ? [{ id, code: 'data_clip', message: 'not read yet' }] : [],
        ),
      };
    },
  };
}
