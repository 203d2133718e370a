import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { type CsvError, type InfoRecord, parse } from 'csv-parse';

import { UndertoneError } from '../../models/errors.ts';
import { readText, unreadable } from './read-text.ts';
import { RowError, type Sink } from './sink.ts';

/** A row by column name; an absent optional column is undefined. */
export type Row = Readonly<Record<string, string | undefined>>;

export interface TableOptions {
  /** Columns that must be there; of a file without a header line, the names of its columns. */
  readonly columns: readonly string[];
  /** Default true. */
  readonly header?: boolean;
  /** Default a comma; several are alternatives. */
  readonly delimiter?: string | readonly string[];
  /** Whether `"` quotes fields; default true. */
  readonly quotes?: boolean;
  /** Read piece by piece, for UTF-8 files too large for one string. */
  readonly large?: boolean;
}

interface Parsed {
  readonly record: Record<string, string>;
  readonly info: InfoRecord & { readonly error?: CsvError };
}

/**
 * Reads a CSV or TSV file row by row. Headers are compared without their outer blanks; a row without any value is none, as
 * spreadsheets leave them at the end.
 *
 * What is wrong with a row (its own shape, or a {@link RowError} of `use`) goes to `sink.bad` and reading goes on.
 * @param use gets a row and the line it ends on, the first line being 1
 * @throws UndertoneError `data_columns` when the header lacks a column or has it twice; `data_unreadable`
 */
export async function readTable(
  file: string,
  options: TableOptions,
  sink: Sink,
  use: (row: Row, line: number) => void,
): Promise<void> {
  const header = options.header ?? true;
  const broken: CsvError[] = [];
  const text = options.large === true ? undefined : await readText(file);
  const parser = parse<Parsed>({
    bom: true,
    columns: header ? (names: string[]) => checkedHeader(file, names, options.columns) : [...options.columns],
    // Told from the first line alone unless given, while rows that were added by hand may end otherwise.
    record_delimiter: text === undefined || /^[^\r\n]*\r(?!\n)/.test(text) ? [] : ['\r\n', '\n'],
    delimiter: typeof options.delimiter === 'object' ? [...options.delimiter] : (options.delimiter ?? ','),
    quote: (options.quotes ?? true) ? '"' : null,
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
    skip_records_with_error: true,
    on_skip: (error) => {
      if (error !== undefined) broken.push(error);
      return undefined;
    },
  });
  let lastLine = header ? 1 : 0;
  const rows = async (parsed: AsyncIterable<Parsed>): Promise<void> => {
    for await (const { record, info } of parsed) {
      lastLine = info.lines;
      try {
        if (info.error !== undefined) {
          throw new RowError('data_columns', `the row has not as many fields as there are columns`);
        }
        use(record, info.lines);
      } catch (error) {
        if (!(error instanceof RowError)) throw error;
        sink.bad.push({ code: error.code, file, row: info.lines, message: error.message });
      }
    }
  };
  const source = text === undefined ? createReadStream(file) : Readable.from([text]);
  try {
    await pipeline(source, parser, rows);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).syscall === undefined ? error : unreadable(file, error);
  }
  for (const error of broken) sink.bad.push(unreadableRow(file, error, lastLine));
}

/** The trimmed column names; `columns` may be a function of them for csv-parse. */
function checkedHeader(file: string, names: readonly string[], required: readonly string[]): string[] {
  const trimmed = names.map((name) => name.trim());
  const missing = required.filter((name) => !trimmed.includes(name));
  const other = [';', '\t'].find((delimiter) => required.every((name) => cut(names, delimiter).includes(name)));
  if (missing.length > 0 && other !== undefined) {
    const between = other === ';' ? 'semicolons' : 'tabs';
    throw new UndertoneError('data_columns', `${file} line 1: its columns are between ${between}; save it with commas`);
  }
  if (missing.length > 0) {
    throw new UndertoneError(
      'data_columns',
      `${file} line 1: no column ${missing.join(', ')} among ${trimmed.join(', ')}; give the file as published`,
    );
  }
  const repeated = required.filter((name) => trimmed.indexOf(name) !== trimmed.lastIndexOf(name));
  if (repeated.length > 0) {
    throw new UndertoneError(
      'data_columns',
      `${file} line 1: several columns ${repeated.join(', ')} among ${trimmed.join(', ')}; leave one of each`,
    );
  }
  return trimmed;
}

/** The names of a header line as another delimiter gives them. */
function cut(names: readonly string[], delimiter: string): string[] {
  return names.flatMap((name) => name.split(delimiter)).map((name) => name.replaceAll('"', '').trim());
}

function unreadableRow(file: string, error: CsvError, lastLine: number): Sink['bad'][number] {
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') {
    const message = 'a quote that opens here is never closed, so the rest of the file is lost';
    return { code: 'data_columns', file, row: lastLine + 1, message };
  }
  return { code: 'data_columns', file, row: Number(error['lines'] ?? 0), message: error.message.replaceAll('\n', ' ') };
}
