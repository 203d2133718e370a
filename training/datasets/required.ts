import { cleanText } from './clean-text.ts';
import { RowError } from './sink.ts';
import type { Row } from './table.ts';

/** A column that must say something. @throws RowError `data_columns` */
export function textOf(row: Row, column: string, what = 'text'): string {
  const text = row[column] ?? '';
  if (cleanText(text) === '') throw new RowError('data_columns', `${column} is empty, expected a ${what}`);
  return text;
}
