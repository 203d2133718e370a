import { copyRow, type EmbeddedRows } from '../sweep/clip-table.ts';

/** Embeddings that an earlier run made. */
export interface KnownRows {
  /** Copies those of the sample with this stamp to a row; false where there are none. */
  copy(stamp: string, to: EmbeddedRows, row: number): boolean;
  /** Whether anything is seen in any of them. */
  readonly withVideo: boolean;
}

/** Rows by the stamps of what they are made of; a stamp is undefined where that is not known. */
export function knownRows(
  parts: readonly { readonly rows: EmbeddedRows; readonly stamps: readonly (string | undefined)[] }[],
): KnownRows {
  const places = new Map<string, { readonly rows: EmbeddedRows; readonly row: number }>();
  for (const { rows, stamps } of parts)
    for (const [row, stamp] of stamps.entries()) if (stamp !== undefined) places.set(stamp, { rows, row });
  return {
    withVideo: parts.some(({ rows }) => rows.videoMask.includes(1)),
    copy: (stamp, to, row) => {
      const found = places.get(stamp);
      if (found === undefined) return false;
      copyRow(to, row, found.rows, found.row);
      return true;
    },
  };
}
