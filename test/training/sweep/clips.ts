import { random } from '../../../models/random.ts';
import { emptyTable, type ClipTable } from '../../../training/sweep/clip-table.ts';

/** Clips whose frames and text both point along their class's axis, noisily: either tells the class. */
export function drawnClips(n: number, seed: number, { slots = 3, dimension = 8 } = {}): ClipTable {
  const table = emptyTable(n, slots, dimension);
  const draw = random('sweep clips', seed);
  const noisy = (target: Float32Array, at: number, axis: number): void => {
    const row = target.subarray(at * dimension, (at + 1) * dimension);
    for (let k = 0; k < dimension; k++) row[k] = (k === axis ? 1 : 0) + 0.3 * draw.normal();
    const norm = Math.hypot(...row);
    for (let k = 0; k < dimension; k++) row[k] = (row[k] ?? 0) / norm;
  };
  table.videoMask.fill(1);
  table.textMask.fill(1);
  for (let i = 0; i < n; i++) {
    const label = draw.int(3);
    for (let slot = 0; slot < slots; slot++) noisy(table.video, i * slots + slot, label);
    noisy(table.text, i, label + 3);
    table.sentiment[i] = label;
    table.emotion[i] = label;
    table.score[i] = label - 1;
  }
  return table;
}
