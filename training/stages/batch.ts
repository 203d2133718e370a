import type { TensorData } from '../../models/runtime/session.ts';

/** A float32 tensor over an array. */
export function floats(data: Float32Array, dims: readonly number[]): TensorData {
  return { type: 'float32', dims, data };
}

/** Rows of equal length as one float32 tensor [rows, width]. */
export function floatRows(rows: readonly (readonly number[])[]): TensorData {
  return floats(Float32Array.from(rows.flat()), [rows.length, rows[0]?.length ?? 0]);
}

/** Values as one float32 tensor [n]. */
export function floatVector(values: ArrayLike<number>): TensorData {
  return floats(Float32Array.from(values), [values.length]);
}
