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
  const weights = solve(
    gram,
    targets.map((target) => Float64Array.from(minus(target, meanTarget))),
  );
  return (embedding) => {
    const from = minus(embedding, meanInput);
    const out = Float64Array.from(meanTarget);
    for (const [i, input] of centred.entries()) {
      const likeness = dot(from, input);
      const row = weights[i] as Float64Array;
      for (let k = 0; k < out.length; k++) out[k] = (out[k] as number) + likeness * (row[k] as number);
    }
    return Float32Array.from(out);
  };
}

/** Solves A X = B for symmetric positive definite A, in place, by its Cholesky factor. */
function solve(a: Float64Array[], b: Float64Array[]): Float64Array[] {
  const n = a.length;
  for (let j = 0; j < n; j++) {
    const row = a[j] as Float64Array;
    for (let k = 0; k < j; k++) row[j] = (row[j] as number) - (row[k] as number) ** 2;
    row[j] = Math.sqrt(row[j] as number);
    for (let i = j + 1; i < n; i++) {
      const below = a[i] as Float64Array;
      let sum = below[j] as number;
      for (let k = 0; k < j; k++) sum -= (below[k] as number) * (row[k] as number);
      below[j] = sum / (row[j] as number);
    }
  }
  const subtract = (to: number, from: number, factor: number): void => {
    const target = b[to] as Float64Array;
    const source = b[from] as Float64Array;
    for (let k = 0; k < target.length; k++) target[k] = (target[k] as number) - factor * (source[k] as number);
  };
  const divide = (at: number): void => {
    const pivot = a[at]?.[at] as number;
    const row = b[at] as Float64Array;
    for (let k = 0; k < row.length; k++) row[k] = (row[k] as number) / pivot;
  };
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) subtract(i, k, a[i]?.[k] as number);
    divide(i);
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) subtract(i, k, a[k]?.[i] as number);
    divide(i);
  }
  return b;
}

function minus(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, i) => value - (b[i] as number));
}
