import type { TensorData } from '../../models/runtime/session.ts';
import { floatRows, floatVector } from './batch.ts';

/**
 * Inputs `NAME_affinity` [N, M] and `NAME_valid` [N] of a supervised contrastive loss: inner products of label
 * distributions, each row scaled to sum 1; a row that meets nothing is not valid.
 *
 * @param itself whether rows and columns are the same items, which do not meet themselves
 */
export function affinity(
  name: string,
  rows: readonly (readonly number[])[],
  columns: readonly (readonly number[])[],
  itself = false,
): Record<string, TensorData> {
  const products = rows.map((row, i) =>
    columns.map((column, j) => (itself && i === j ? 0 : row.reduce((sum, p, k) => sum + p * (column[k] ?? 0), 0))),
  );
  const sums = products.map((row) => row.reduce((a, b) => a + b, 0));
  return {
    [`${name}_affinity`]: floatRows(products.map((row, i) => row.map((p) => p / Math.max(sums[i] ?? 0, 1e-9)))),
    [`${name}_valid`]: floatVector(sums.map((sum) => Number(sum > 0))),
  };
}
