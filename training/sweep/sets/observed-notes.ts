import { hasAny, isObserved, type ClipTable } from '../clip-table.ts';

/** How many of these rows lack a modality to begin with, or both. */
export function observedNotes(table: ClipTable, rows: readonly number[]): string[] {
  const count = (has: (row: number) => boolean): number => rows.filter(has).length;
  const said = (row: number): boolean => table.textMask[row] === 1;
  const shown = (row: number): boolean => hasAny(table.videoMask, row, table.slots);
  const noVideo = count((row) => said(row) && !shown(row));
  const noText = count((row) => !said(row) && shown(row));
  const nothing = count((row) => !isObserved(table, row));
  const of = `of ${rows.length} clips`;
  return [
    ...(noVideo === 0
      ? []
      : [`${noVideo} ${of} have no video to begin with, and keep their text where text is missing`]),
    ...(noText === 0
      ? []
      : [`${noText} ${of} have no text to begin with, and keep their video where video is missing`]),
    ...(nothing === 0 ? [] : [`${nothing} ${of} have neither, and are left out`]),
  ];
}
