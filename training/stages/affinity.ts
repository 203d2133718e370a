import type { TensorData } from '../../models/runtime/session.ts';
import { floatRows, floatVector } from './batch.ts';

/**
 * Inputs `NAME_affinity` [N, M] and `NAME_valid` [N] of a supervised contrastive loss: inner products of label
 * distributions, each row scaled to sum 1; a row that meets nothing is not valid.
 */
export function affinity(
  name: string,
  rows: readonly (readonly number[])[],
  columns: readonly (readonly number[])[],
): Record<string, TensorData> {
  const products = rows.map((row) => columns.map((column) => row.reduce((sum, p, k) => sum + p * (column[k] ?? 0), 0)));
  const sums = products.map((row) => row.reduce((a, b) => a + b, 0));
  return {
    [`${name}_affinity`]: floatRows(products.map((row, i) => row.map((p) => p / Math.max(sums[i] ?? 0, 1e-9)))),
    [`${name}_valid`]: floatVector(sums.map((sum) => Number(sum > 0))),
  };
}
