import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

/**
 * Orthogonal directions [count, d] of length 1 along which embeddings vary least: what is added along them is confused least
 * with what the embeddings say. Beyond d of them they come again.
 *
 * @param embeddings [n, d] @param shown the rows that count
 */
export function quietDirections(
  embeddings: Float32Array,
  d: number,
  shown: readonly number[],
  count: number,
): Float32Array {
  const data = new Matrix(shown.map((row) => [...embeddings.subarray(row * d, (row + 1) * d)]));
  const centred = data.subRowVector(data.mean('column'));
  const { eigenvectorMatrix } = new EigenvalueDecomposition(centred.transpose().mmul(centred), {
    assumeSymmetric: true,
  });
  // Eigenvalues come in ascending order.
  return Float32Array.from(Array.from({ length: count }, (_, k) => eigenvectorMatrix.getColumn(k % d)).flat());
}
