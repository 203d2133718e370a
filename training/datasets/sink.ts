import type { UndertoneError } from '../../models/errors.ts';
import type { Sample } from './sample.ts';

/** A row that cannot be used. */
export interface BadRow {
  readonly code: 'data_columns' | 'data_label' | 'data_image' | 'data_clip';
  readonly file: string;
  /** Line of the file, the first being 1; 0 for a file as a whole. */
  readonly row: number;
  /** What is wrong and what is expected. */
  readonly message: string;
}

/** Where readers put what they read. */
export interface Sink {
  readonly samples: Sample[];
  readonly bad: BadRow[];
}

/** Something wrong with the row at hand; the table reader adds file and row. */
export class RowError extends Error {
  readonly code: BadRow['code'];

  constructor(code: BadRow['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** Is told of a row or an image that is left out, by the error that it would have been. */
export type OnBad = (error: UndertoneError) => void;
