import { random, type Random } from '../../models/random.ts';
import type { TensorData } from '../../models/runtime/session.ts';
import { distinct } from '../pools/distinct.ts';
import type { HeadsStageConfig } from '../recipes/recipe.ts';
import { floats, floatVector } from '../stages/batch.ts';
import { blurred } from '../stages/heads-batch.ts';
import { hasAny, takeRows, type ClipTable } from '../sweep/clip-table.ts';
import { dropped, labelInputs, maskRows } from '../sweep/method-batch.ts';
import { TRML } from '../sweep/methods.ts';

export interface PreparedBatchSource {
  readonly table: ClipTable;
  readonly clips: Pick<HeadsStageConfig, 'batch' | 'absence' | 'noise'>;
  readonly emotions: number;
  readonly seed: number;
}

/**
 * The batch of a step on prepared clips, with the inputs of `headsBatch`: what a clip lacks stays missing, and of the rest
 * training drops what the recipe asks for. No clip is in a batch twice, as matching would tell it from itself. A function of seed
 * and step alone.
 *
 * @param source a `batch` of at most the table's clips
 */
export function preparedBatch(
  { table, clips: { batch, absence, noise }, emotions, seed }: PreparedBatchSource,
  step: number,
): Record<string, TensorData> {
  const { slots, dimension } = table;
  const draw = random(seed, 'prepared batch', step);
  const rows = distinct(draw, table.n, batch);
  const masks = { video: table.videoMask, text: table.textMask };
  const known = maskRows(masks, rows, slots);
  const kept = dropped({ masks, table, absence, method: TRML }, rows, draw);
  const own = takeRows(table, rows);
  blurRows(draw, own.video, known.video, dimension, noise.video);
  blurRows(draw, own.text, known.text, dimension, noise.text);
  const both = (video: Float32Array, text: Float32Array): TensorData =>
    floatVector(rows.map((_, i) => Number(hasAny(video, i, slots) && text[i] === 1)));
  return {
    video: floats(own.video, [batch, slots, dimension]),
    video_mask: floats(kept.video, [batch, slots]),
    text: floats(own.text, [batch, 1, dimension]),
    text_mask: floats(kept.text, [batch, 1]),
    hears: both(known.video, kept.text),
    sees: both(kept.video, known.text),
    ...labelInputs(own, emotions),
  };
}

/** Adds noise to the rows that are known; what is not known stays zero. */
function blurRows(draw: Random, rows: Float32Array, mask: Float32Array, width: number, amount: number): void {
  for (const [i, known] of mask.entries()) {
    const row = rows.subarray(i * width, (i + 1) * width);
    if (known === 1) row.set(blurred(draw, row, amount));
  }
}
