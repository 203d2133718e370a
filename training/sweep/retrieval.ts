import { roundedMetrics, type MetricRecord } from '../evaluation/metrics/metric-record.ts';

/** How well rows find their own partner among others. */
export interface Retrieval {
  /** Candidates of each query. */
  readonly n: number;
  readonly cosine: number;
  /** Share of queries whose own partner is first, or among the first ten. */
  readonly r1: number;
  readonly r10: number;
}

/**
 * Cosine of each query with its own candidate, and how often that is the nearest: R@1 and R@10 of N. Ties count half of
 * the time against the query, so that queries that are all alike score as chance does.
 *
 * @param queries [n, d] and candidates [n, d], L2-normalised, row i of one belonging to row i of the other
 */
export function retrieval(queries: Float32Array, candidates: Float32Array, dimension: number): Retrieval {
  const n = queries.length / dimension;
  const dot = (i: number, j: number): number => {
    let sum = 0;
    for (let k = 0; k < dimension; k++)
      sum += (queries[i * dimension + k] as number) * (candidates[j * dimension + k] as number);
    return sum;
  };
  let [cosine, r1, r10] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const own = dot(i, i);
    let [nearer, alike] = [0, 0];
    for (let j = 0; j < n; j++) {
      if (j === i) continue;
      const other = dot(i, j);
      if (Math.abs(other - own) < 1e-6) alike++;
      else if (other > own) nearer++;
    }
    cosine += own;
    r1 += shareWithin(1, nearer, alike);
    r10 += shareWithin(10, nearer, alike);
  }
  return { n, cosine: cosine / n, r1: r1 / n, r10: r10 / n };
}

/** Chance that a query with so many nearer and so many equally near others is among the first `k`, ties in any order. */
function shareWithin(k: number, nearer: number, alike: number): number {
  return Math.min(1, Math.max(0, (k - nearer) / (alike + 1)));
}

/** As metrics, beside chance and the retrieval by the raw embeddings of the other modality. */
export function retrievalRecord(name: string, virtual: Retrieval, raw: Retrieval): MetricRecord {
  return roundedMetrics({
    [`${name}_n`]: virtual.n,
    [`${name}_cosine`]: virtual.cosine,
    [`${name}_r1`]: virtual.r1,
    [`${name}_r10`]: virtual.r10,
    [`${name}_raw_cosine`]: raw.cosine,
    [`${name}_raw_r1`]: raw.r1,
    [`${name}_raw_r10`]: raw.r10,
    [`${name}_chance_r1`]: 1 / virtual.n,
    [`${name}_chance_r10`]: Math.min(1, 10 / virtual.n),
  });
}
