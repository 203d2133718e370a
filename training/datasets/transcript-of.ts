import { cleanText } from './clean-text.ts';
import { textOf } from './required.ts';
import type { Row } from './table.ts';

/**
 * What is said in a clip, repaired; undefined where the column is blank and the clip is there, as tables have it from which texts
 * are taken out.
 *
 * @throws RowError `data_columns` where neither is there
 */
export function transcriptOf(row: Row, column: string, video: string | undefined): string | undefined {
  const isBlank = cleanText(row[column] ?? '') === '';
  return isBlank && video !== undefined ? undefined : cleanText(textOf(row, column));
}
