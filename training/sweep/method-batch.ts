import { SENTIMENTS } from '../../models/model.ts';
import { random, type Random } from '../../models/random.ts';
import type { TensorData } from '../../models/runtime/session.ts';
import { absenceMasks, type AbsenceConfig } from '../../pipeline/absence/absence-masks.ts';
import { distinct } from '../pools/distinct.ts';
import { floats, floatVector } from '../stages/batch.ts';
import { hasAny, takeRows, type ClipTable } from './clip-table.ts';
import type { Masks } from './loss.ts';
import { uses, type Method } from './methods.ts';
import { observe, type Means } from './observe.ts';

export interface BatchSource {
  readonly table: ClipTable;
  /** What training knows: nothing beyond these is ever read. */
  readonly masks: Masks;
  /** Rows that have something for the method to train on. */
  readonly rows: readonly number[];
  readonly means: Means;
  readonly method: Method;
  readonly absence: AbsenceConfig;
  readonly emotions: number;
  readonly batch: number;
  readonly seed: number;
}

/**
 * The batch of a step, as `methodObjective` takes it; a function of seed and step alone. No clip is in a batch twice where there
 * are enough, as matching would tell it from itself.
 */
export function methodBatch(source: BatchSource, step: number): Record<string, TensorData> {
  const { table, masks, rows, method, batch, emotions } = source;
  const { slots, dimension } = table;
  const draw = random(source.seed, 'sweep batch', step);
  const drawn =
    rows.length < batch
      ? Array.from({ length: batch }, () => draw.pick(rows))
      : distinct(draw, rows.length, batch).map((at) => rows[at] ?? 0);
  const kept = method.drops ? dropped(source, drawn, draw) : maskRows(masks, drawn, slots);
  const own = takeRows(table, drawn);
  const all = drawn.map((_, i) => i);
  const seen = observe(own, all, kept, method.fill, source.means);
  const known = maskRows(masks, drawn, slots);
  const knowsFrames = all.map((i) => Number(hasAny(known.video, i, slots)));
  const seesFrames = all.map((i) => Number(hasAny(kept.video, i, slots)));
  return {
    video: floats(seen.video, [batch, slots, dimension]),
    video_mask: floats(seen.videoMask, [batch, slots]),
    text: floats(seen.text, [batch, 1, dimension]),
    text_mask: floats(seen.textMask, [batch, 1]),
    video_target: floats(frameMeans(own, known.video), [batch, dimension]),
    text_target: floats(own.text, [batch, dimension]),
    text_sees: floatVector(all.map((i) => (kept.text[i] ?? 0) * (knowsFrames[i] ?? 0))),
    video_sees: floatVector(all.map((i) => (known.text[i] ?? 0) * (seesFrames[i] ?? 0))),
    ...labelInputs(own, emotions),
  };
}

/** Labels of clips as the training graphs take them: a target each, and whether there is one. */
export function labelInputs({ n, score, sentiment, emotion }: ClipTable, emotions: number): Record<string, TensorData> {
  return {
    score: floatVector(score.map((value) => (Number.isNaN(value) ? 0 : value))),
    has_score: floatVector(score.map((value) => Number(!Number.isNaN(value)))),
    sentiment: floats(oneHot(sentiment, SENTIMENTS.length), [n, SENTIMENTS.length]),
    has_sentiment: floatVector(Float32Array.from(sentiment, (label) => Number(label >= 0))),
    emotion: floats(oneHot(emotion, emotions), [n, emotions]),
    has_emotion: floatVector(Float32Array.from(emotion, (label) => Number(label >= 0))),
  };
}

/**
 * What training drops on top of what is missing; a clip that would have nothing left that the method looks at keeps what it
 * had, so that one modality alone never learns from blanks.
 */
export function dropped(
  { masks, method, table: { slots }, absence }: Pick<BatchSource, 'masks' | 'method' | 'table' | 'absence'>,
  rows: readonly number[],
  draw: Random,
): Masks {
  const kept = maskRows(masks, rows, slots);
  const modalities = [
    { name: 'video', slots },
    { name: 'text', slots: 1 },
  ];
  for (const [i] of rows.entries()) {
    const absent = absenceMasks(draw, modalities, absence).masks;
    const video = kept.video
      .subarray(i * slots, (i + 1) * slots)
      .map((value, s) => value * (absent['video']?.[s] ?? 1));
    const text = (kept.text[i] ?? 0) * (absent['text']?.[0] ?? 1);
    const said = uses(method, 'text') && text === 1;
    const seen = uses(method, 'video') && video.includes(1);
    if (!said && !seen) continue;
    kept.video.set(video, i * slots);
    kept.text[i] = text;
  }
  return kept;
}

export function maskRows(masks: Masks, rows: readonly number[], slots: number): Masks {
  const video = new Float32Array(rows.length * slots);
  for (const [to, from] of rows.entries())
    video.set(masks.video.subarray(from * slots, (from + 1) * slots), to * slots);
  return { video, text: Float32Array.from(rows, (row) => masks.text[row] ?? 0) };
}

/** L2-normalised means [N, d] of the frames that the mask leaves; zeros where it leaves none. */
export function frameMeans({ n, slots, dimension, video }: ClipTable, mask: Float32Array): Float32Array {
  const out = new Float32Array(n * dimension);
  for (let i = 0; i < n; i++) {
    const mean = out.subarray(i * dimension, (i + 1) * dimension);
    for (let slot = 0; slot < slots; slot++) {
      if (mask[i * slots + slot] !== 1) continue;
      const at = (i * slots + slot) * dimension;
      for (let k = 0; k < dimension; k++) mean[k] = (mean[k] ?? 0) + (video[at + k] ?? 0);
    }
    const norm = Math.sqrt(mean.reduce((sum, value) => sum + value * value, 0));
    if (norm > 0) for (let k = 0; k < dimension; k++) mean[k] = (mean[k] ?? 0) / norm;
  }
  return out;
}

function oneHot(labels: Int8Array, classes: number): Float32Array {
  const out = new Float32Array(labels.length * classes);
  for (const [i, label] of labels.entries()) if (label >= 0) out[i * classes + label] = 1;
  return out;
}
