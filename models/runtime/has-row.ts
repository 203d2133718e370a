/** Whether a row of embeddings [n, dimension] is there: rows of what could not be encoded, or has no face, are zeros. */
export function hasRow(rows: Float32Array, row: number, dimension: number): boolean {
  return rows.subarray(row * dimension, (row + 1) * dimension).some((value) => value !== 0);
}
