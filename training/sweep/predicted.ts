import { SENTIMENTS } from '../../models/model.ts';
import type { ClipTable } from './clip-table.ts';

/** Predictions of some clips, row by row: `score` [n], `sentiment` [n, 3] and `emotion` [n, E] logits, virtual [n, d]. */
export class Predicted {
  readonly n: number;
  readonly outputs = new Map<string, Float32Array>();

  constructor(n: number) {
    this.n = n;
  }

  /** Puts the rows of an output where they belong. */
  put(name: string, rows: readonly number[], data: Float32Array): void {
    const width = data.length / Math.max(1, rows.length);
    const known = this.outputs.get(name) ?? new Float32Array(this.n * width);
    this.outputs.set(name, known);
    for (const [from, to] of rows.entries()) known.set(data.subarray(from * width, (from + 1) * width), to * width);
  }

  /** Row of an output; empty where the method has no such output. */
  row(name: string, index: number): Float32Array {
    const data = this.outputs.get(name) ?? new Float32Array();
    const width = data.length / Math.max(1, this.n);
    return data.subarray(index * width, (index + 1) * width);
  }
}

/** One prediction for everything. */
export interface Prior {
  repeat(n: number): Predicted;
}

/** The class shares, as logits, and the mean score of the training clips: what is said of a clip of which nothing is seen. */
export function prior(train: ClipTable, emotions: number): Prior {
  const scores = train.score.filter((score) => !Number.isNaN(score));
  const mean = scores.reduce((sum, score) => sum + score, 0) / Math.max(1, scores.length);
  const sentiment = logShares(train.sentiment, SENTIMENTS.length);
  const emotion = logShares(train.emotion, emotions);
  return {
    repeat: (n) => {
      const out = new Predicted(n);
      const rows = Array.from({ length: n }, (_, i) => i);
      const tiled = (row: Float32Array): Float32Array => {
        const all = new Float32Array(n * row.length);
        for (let i = 0; i < n; i++) all.set(row, i * row.length);
        return all;
      };
      out.put('score', rows, tiled(Float32Array.of(mean)));
      out.put('sentiment', rows, tiled(sentiment));
      out.put('emotion', rows, tiled(emotion));
      return out;
    },
  };
}

function logShares(labels: Int8Array, classes: number): Float32Array {
  const counts = new Float32Array(classes).fill(0.5);
  for (const label of labels) if (label >= 0) counts[label] = (counts[label] ?? 0) + 1;
  const total = counts.reduce((a, b) => a + b, 0);
  return counts.map((count) => Math.log(count / total));
}
