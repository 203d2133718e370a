import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

/** Standard deviation of the values, that of tables which are drawn. */
const DEVIATION = 0.1;

/**
 * Start values for a table of tokens [vocabulary, width], from what the teacher says of each token by itself: the `width`
 * directions in which that differs most (principal components).
 *
 * @param words [vocabulary, dimension], row after row
 * @throws RangeError when `width` is more than `dimension`
 */
export function wordVectors(words: Float32Array, dimension: number, width: number): Float32Array {
  if (width > dimension) throw new RangeError(`${width} values of a word from ${dimension}`);
  const n = words.length / dimension;
  const rows = new Matrix(Array.from({ length: n }, (_, i) => words.subarray(i * dimension, (i + 1) * dimension)));
  rows.subRowVector(rows.mean('column'));
  const { eigenvectorMatrix } = new EigenvalueDecomposition(rows.transpose().mmul(rows), { assumeSymmetric: true });
  // Eigenvalues ascend.
  const first = eigenvectorMatrix.subMatrix(0, dimension - 1, dimension - width, dimension - 1);
  const vectors = rows.mmul(first);
  return Float32Array.from(vectors.mul(DEVIATION / vectors.standardDeviation()).to1DArray());
}
