import type { SparseRows } from './lexicon.ts';

export interface LinearProblem {
  readonly rows: SparseRows;
  /** The rows that are learnt from. */
  readonly of: readonly number[];
  readonly outputs: number;
  /** [rows, outputs]: what a row should give, shares of classes for `softmax`, numbers for `identity`. */
  readonly targets: Float64Array;
  /** `softmax`: logistic regression; `identity`: least squares. */
  readonly link: 'softmax' | 'identity';
  /** Half of it times the weights' squares is added to the sum of the rows' losses; 1 is scikit-learn's C = 1. */
  readonly penalty: number;
}

const MOST_STEPS = 500;
/** The gradient's length where fitting ends, relative to that at the start. */
const TOLERANCE = 1e-3;
const POWER_STEPS = 12;

/**
 * Weights [width, outputs] of a linear model, fitted with an intercept that is not penalised and not returned: to the one
 * optimum, by accelerated gradient descent that starts anew where it overshoots (O'Donoghue and Candes, arXiv 1204.3982).
 */
export function fitLinear(problem: LinearProblem): Float64Array {
  const { rows, of, outputs, link, penalty } = problem;
  // The last row of weights is the intercept.
  const size = (rows.width + 1) * outputs;
  const decay = penalty / Math.max(1, of.length);
  const step = 1 / ((link === 'softmax' ? 0.5 : 1) * largestCurvature(rows, of) + decay);
  const gradient = new Float64Array(size);
  const ahead = new Float64Array(size);
  let weights = new Float64Array(size);
  let inertia = 1;
  let enough = 0;
  for (let at = 0; at < MOST_STEPS; at++) {
    gradientAt(ahead, gradient, problem, decay);
    const length = lengthOf(gradient);
    if (at === 0) enough = TOLERANCE * length;
    if (length <= enough) break;
    const next = new Float64Array(size);
    let uphill = 0;
    for (let k = 0; k < size; k++) {
      next[k] = (ahead[k] as number) - step * (gradient[k] as number);
      uphill += (gradient[k] as number) * ((next[k] as number) - (weights[k] as number));
    }
    const grown = uphill > 0 ? 1 : (1 + Math.sqrt(1 + 4 * inertia * inertia)) / 2;
    const momentum = uphill > 0 ? 0 : (inertia - 1) / grown;
    for (let k = 0; k < size; k++)
      ahead[k] = (next[k] as number) + momentum * ((next[k] as number) - (weights[k] as number));
    weights = next;
    inertia = grown;
  }
  return weights.slice(0, rows.width * outputs);
}

/** A row times weights [width, outputs]. */
export function readRow(rows: SparseRows, row: number, weights: Float64Array, outputs: number): Float64Array {
  const out = new Float64Array(outputs);
  addReads(rows, row, weights, out);
  return out;
}

function addReads({ starts, columns, values }: SparseRows, row: number, weights: Float64Array, to: Float64Array): void {
  const outputs = to.length;
  const end = starts[row + 1] ?? 0;
  for (let at = starts[row] ?? 0; at < end; at++) {
    const from = (columns[at] as number) * outputs;
    const value = values[at] as number;
    for (let k = 0; k < outputs; k++) to[k] = (to[k] as number) + value * (weights[from + k] as number);
  }
}

/** Of the rows' mean loss and the penalty. */
function gradientAt(
  weights: Float64Array,
  gradient: Float64Array,
  { rows, of, outputs, targets, link }: LinearProblem,
  decay: number,
): void {
  const intercept = rows.width * outputs;
  for (let k = 0; k < intercept; k++) gradient[k] = decay * (weights[k] as number);
  gradient.fill(0, intercept);
  const error = new Float64Array(outputs);
  for (const row of of) {
    error.set(weights.subarray(intercept));
    addReads(rows, row, weights, error);
    if (link === 'softmax') toShares(error);
    for (let k = 0; k < outputs; k++) {
      error[k] = ((error[k] as number) - (targets[row * outputs + k] as number)) / of.length;
      gradient[intercept + k] = (gradient[intercept + k] as number) + (error[k] as number);
    }
    addRow(rows, row, error, gradient);
  }
}

/** Softmax in place. */
function toShares(logits: Float64Array): void {
  const count = logits.length;
  let top = -Infinity;
  for (let k = 0; k < count; k++) top = Math.max(top, logits[k] as number);
  let sum = 0;
  for (let k = 0; k < count; k++) sum += logits[k] = Math.exp((logits[k] as number) - top);
  for (let k = 0; k < count; k++) logits[k] = (logits[k] as number) / sum;
}

/** Largest eigenvalue of the mean of x x', with a one at the end of every x, a tenth on top as it is found from below. */
function largestCurvature(rows: SparseRows, of: readonly number[]): number {
  let x = new Float64Array(rows.width + 1).fill(1);
  let value = 1;
  const along = new Float64Array(1);
  for (let at = 0; at < POWER_STEPS; at++) {
    const length = lengthOf(x);
    const unit = x.map((each) => each / length);
    x = new Float64Array(rows.width + 1);
    for (const row of of) {
      along[0] = unit[rows.width] as number;
      addReads(rows, row, unit, along);
      along[0] /= of.length;
      addRow(rows, row, along, x);
      x[rows.width] = (x[rows.width] as number) + along[0];
    }
    value = lengthOf(x);
  }
  return 1.1 * value;
}

/** Adds a row times some amounts to [width, outputs]. */
function addRow({ starts, columns, values }: SparseRows, row: number, amounts: Float64Array, to: Float64Array): void {
  const outputs = amounts.length;
  const end = starts[row + 1] ?? 0;
  for (let at = starts[row] ?? 0; at < end; at++) {
    const from = (columns[at] as number) * outputs;
    const value = values[at] as number;
    for (let k = 0; k < outputs; k++) to[from + k] = (to[from + k] as number) + value * (amounts[k] as number);
  }
}

function lengthOf(x: Float64Array): number {
  let sum = 0;
  for (const value of x) sum += value * value;
  return Math.sqrt(sum);
}
