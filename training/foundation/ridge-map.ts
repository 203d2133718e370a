import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { dot, meanOf } from './pairs.ts';

/** A linear map between centred embeddings, as a function of one. */
export type EmbeddingMap = (embedding: Float32Array) => Float32Array;

/**
 * Ridge regression from inputs to targets, both centred, in its dual form: with Gram matrix K of n inputs,
 *
 *     f(x) = mean(y) + k(x)^T (K + lambda I)^-1 (Y - mean(y)).
 */
export function ridgeMap(
  inputs: readonly Float32Array[],
  targets: readonly Float32Array[],
  lambda: number,
): EmbeddingMap {
  const meanInput = meanOf(inputs);
  const meanTarget = meanOf(targets);
  const centred = inputs.map((input) => minus(input, meanInput));
  const gram = centred.map((a, i) => Float64Array.from(centred, (b, j) => dot(a, b) + (i === j ? lambda : 0)));
  const errors = targets.map((target) => Float64Array.from(minus(target, meanTarget)));
  const weights = new CholeskyDecomposition(new Matrix(gram)).solve(new Matrix(errors)).to2DArray();
  return (embedding) => {
    const from = minus(embedding, meanInput);
    const out = Float64Array.from(meanTarget);
    for (const [i, input] of centred.entries()) {
      const likeness = dot(from, input);
      const row = weights[i] as readonly number[];
      for (let k = 0; k < out.length; k++) out[k] = (out[k] as number) + likeness * (row[k] as number);
    }
    return Float32Array.from(out);
  };
}

function minus(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, i) => value - (b[i] as number));
}
