import { UndertoneError } from '../errors.ts';

export interface UnitRows {
  /** Each row scaled to length 1; zeros where it was not finite. */
  readonly rows: Float32Array;
  /** Indices of the rows that were not finite. */
  readonly bad: readonly number[];
}

/** Rows of `width` values, each scaled to length 1. */
export function unitRows(values: Float32Array, width: number): UnitRows {
  const rows = new Float32Array(values.length);
  const bad: number[] = [];
  for (let start = 0; start < values.length; start += width) {
    let sum = 0;
    for (let i = start; i < start + width; i++) sum += (values[i] as number) ** 2;
    if (!Number.isFinite(sum)) {
      bad.push(start / width);
      continue;
    }
    const scale = 1 / Math.max(Math.sqrt(sum), 1e-12);
    for (let i = start; i < start + width; i++) rows[i] = (values[i] as number) * scale;
  }
  return { rows, bad };
}

/** The error for an embedding with a value that is no finite number; `file` gave it. */
export function notFinite(file: string): UndertoneError {
  return new UndertoneError(
    'embedding_not_finite',
    `${file} gave an embedding that is not finite; use float32 weights, or get the model again`,
  );
}
