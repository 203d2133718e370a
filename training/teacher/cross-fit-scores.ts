import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { random } from '../../models/random.ts';
import type { Utterance } from '../pools/text-pool.ts';

export interface CrossFitOptions {
  /** [texts, dimension], row after row. */
  readonly embeddings: Float32Array;
  readonly dimension: number;
  readonly utterances: readonly Utterance[];
  readonly seed: number;
  /** L2 penalty of the weights, in texts of mean weight. */
  readonly penalty: number;
  readonly folds: number;
}

/** Sums of weighted x x' and x y, with a one at the end of every x. */
interface Moments {
  readonly gram: Matrix;
  readonly target: Matrix;
}

/**
 * The score of every text by ridge regression on its embedding. A text with a score of its own is scored by a regression
 * that has not seen it or a copy of its text, one of `folds`; the others by one on all that have.
 *
 * @returns one score for each text, or zeros where no text has one
 */
export function crossFitScores(options: CrossFitOptions): Float64Array {
  const { embeddings, dimension, utterances, seed, penalty, folds } = options;
  const foldOf = (text: string): number => random(seed, 'folds of the teacher', text.toLowerCase()).int(folds);
  const folded = utterances.map(({ text, score }) => (score === undefined ? folds : foldOf(text)));
  const scored = utterances.filter(({ score }) => score !== undefined);
  const meanWeight = scored.reduce((sum, { weight }) => sum + weight, 0) / scored.length;
  const parts = Array.from({ length: folds }, () => noMoments(dimension + 1));
  const row = (i: number): Float32Array => embeddings.subarray(i * dimension, (i + 1) * dimension);
  for (const [i, { score, weight }] of utterances.entries()) {
    const part = parts[folded[i] as number];
    if (part !== undefined && score !== undefined) addTo(part, row(i), score, weight / meanWeight);
  }
  // The last one leaves nothing out.
  const fits = Array.from({ length: folds + 1 }, (_, left) =>
    fit(
      parts.filter((_part, fold) => fold !== left),
      dimension,
      penalty,
    ),
  );
  return Float64Array.from(utterances, (_, i) => {
    const weights = fits[folded[i] as number] as readonly number[];
    return row(i).reduce((sum, value, k) => sum + value * (weights[k] ?? 0), weights[dimension] ?? 0);
  });
}

function noMoments(size: number): Moments {
  return { gram: Matrix.zeros(size, size), target: Matrix.zeros(size, 1) };
}

/** Keeps the lower triangle alone. */
function addTo({ gram, target }: Moments, row: Float32Array, score: number, weight: number): void {
  const size = row.length + 1;
  const at = (k: number): number => row[k] ?? 1;
  for (let i = 0; i < size; i++) {
    const weighted = weight * at(i);
    target.set(i, 0, target.get(i, 0) + weighted * score);
    for (let j = 0; j <= i; j++) gram.set(i, j, gram.get(i, j) + weighted * at(j));
  }
}

function fit(parts: readonly Moments[], dimension: number, penalty: number): number[] {
  const size = dimension + 1;
  const { gram, target } = parts.reduce(
    (sum, part) => ({ gram: Matrix.add(sum.gram, part.gram), target: Matrix.add(sum.target, part.target) }),
    noMoments(size),
  );
  for (let i = 0; i < size; i++) {
    // The constant is not penalised, beyond what keeps the system solvable.
    gram.set(i, i, gram.get(i, i) + (i < dimension ? penalty : 1e-6));
    for (let j = i + 1; j < size; j++) gram.set(i, j, gram.get(j, i));
  }
  return new CholeskyDecomposition(gram).solve(target).to1DArray();
}
