/** The losses in float64, straight from their formulas: rows of numbers in, one number out. */

export type Rows = readonly (readonly number[])[];

export function logSoftmax(row: readonly number[]): number[] {
  const top = Math.max(...row);
  const total = Math.log(row.reduce((sum, x) => sum + Math.exp(x - top), 0)) + top;
  return row.map((x) => x - total);
}

export function weightedMean(losses: readonly number[], weights: readonly number[]): number {
  const total = weights.reduce((a, b) => a + b, 0);
  return total === 0 ? 0 : losses.reduce((sum, loss, i) => sum + loss * (weights[i] ?? 0), 0) / total;
}

export function crossEntropy(logits: Rows, labels: Rows): number[] {
  return logits.map((row, i) =>
    logSoftmax(row).reduce((sum, log, j) => sum - (labels[i]?.[j] === 0 ? 0 : log * (labels[i]?.[j] ?? 0)), 0),
  );
}

export function gaussianNll(prediction: number, logVariance: number, target: number): number {
  return 0.5 * ((prediction - target) ** 2 / Math.exp(logVariance) + logVariance);
}

/** S_ij = a_i . b_j / tau, with -Infinity in the columns that do not count. */
export function similarities(a: Rows, b: Rows, tau: number, counts: readonly number[]): number[][] {
  return a.map((x) =>
    b.map((y, j) => (counts[j] === 0 ? -Infinity : x.reduce((sum, v, k) => sum + v * (y[k] ?? 0), 0) / tau)),
  );
}

/** Rows of unit length. */
export function unitRows(rows: Rows): number[][] {
  return rows.map((row) => row.map((x) => x / Math.hypot(...row)));
}

export function semanticMatching(
  virtual: Rows,
  observed: Rows,
  valid: readonly number[],
  { tau, symmetric }: { tau: number; symmetric: boolean },
): number {
  const same = virtual.map((_, i) => observed.map((__, j) => Number(i === j)));
  const oneWay = (a: Rows, b: Rows): number =>
    weightedMean(
      crossEntropy(similarities(a, b, tau, valid), same).map((loss, i) => (valid[i] === 0 ? 0 : loss)),
      valid,
    );
  const forward = oneWay(virtual, observed);
  return symmetric ? (forward + oneWay(observed, virtual)) / 2 : forward;
}

export function supervisedContrastive(
  anchors: Rows,
  others: Rows,
  { affinity, valid, columns }: { affinity: Rows; valid: readonly number[]; columns: readonly number[] },
  tau: number,
): number {
  return weightedMean(crossEntropy(similarities(anchors, others, tau, columns), affinity), valid);
}
