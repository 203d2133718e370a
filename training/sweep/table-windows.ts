import type { ModelInfo, WindowInput } from '../../models/model.ts';
import type { ClipTable } from './clip-table.ts';

/** A window per clip, with everything observed that the table has; its arrays are views into the table's. */
export function tableWindows(
  { modalities }: Pick<ModelInfo, 'modalities'>,
  { n, slots, dimension, ...table }: ClipTable,
): WindowInput[] {
  const part = (rows: Float32Array, mask: Float32Array, width: number, i: number) => ({
    embeddings: rows.subarray(i * width * dimension, (i + 1) * width * dimension),
    mask: mask.subarray(i * width, (i + 1) * width),
  });
  return Array.from({ length: n }, (_, i) =>
    Object.fromEntries(
      modalities.map(({ name, kind }) => [
        name,
        kind === 'image' ? part(table.video, table.videoMask, slots, i) : part(table.text, table.textMask, 1, i),
      ]),
    ),
  );
}
