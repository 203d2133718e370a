import type { Manifest } from '../bundle/manifest.ts';
import { UndertoneError } from '../errors.ts';
import { SENTIMENTS, type Prediction, type Timing, type WindowInput } from '../model.ts';

/** Windows side by side, per modality in manifest order. */
export interface WindowBatch {
  readonly count: number;
  /** `[count, slots, d]` each. */
  readonly embeddings: readonly Float32Array[];
  /** `[count, slots]` each. */
  readonly masks: readonly Float32Array[];
}

/** What the heads gave for a {@link WindowBatch}: rows of `count`. */
export interface PredictionBatch {
  readonly score: Float32Array;
  readonly logVariance: Float32Array;
  /** `[count, 3]`. */
  readonly sentimentLogits: Float32Array;
  /** `[count, emotions]`. */
  readonly emotionLogits: Float32Array;
  /** Per modality `[count, d]`. */
  readonly virtual: readonly Float32Array[];
}

/** What of a manifest fixes the shapes of windows and predictions. */
export type WindowShape = Pick<Manifest, 'dimension' | 'modalities' | 'emotions'>;

/** @throws UndertoneError `bad_window` when a modality is missing, has another size, or nothing at all is observed */
export function checkWindow(window: WindowInput, { modalities, dimension }: WindowShape): void {
  let observed = false;
  for (const { name, slots } of modalities) {
    const part = window[name];
    if (part?.embeddings.length !== slots * dimension || part.mask.length !== slots)
      throw new UndertoneError(
        'bad_window',
        `modality ${name} of a window needs ${slots} x ${dimension} embeddings and ${slots} mask values`,
      );
    observed ||= part.mask.some((value) => value > 0);
  }
  if (!observed)
    throw new UndertoneError('bad_window', 'nothing is observed in the window; there is nothing to predict');
}

export function joinWindows(windows: readonly WindowInput[], { modalities, dimension }: WindowShape): WindowBatch {
  const embeddings = modalities.map(({ slots }) => new Float32Array(windows.length * slots * dimension));
  const masks = modalities.map(({ slots }) => new Float32Array(windows.length * slots));
  for (const [row, window] of windows.entries()) {
    for (const [m, { name, slots }] of modalities.entries()) {
      const part = window[name];
      if (part === undefined) continue;
      embeddings[m]?.set(part.embeddings, row * slots * dimension);
      masks[m]?.set(part.mask, row * slots);
    }
  }
  return { count: windows.length, embeddings, masks };
}

/** Row `index` of a batch as a prediction of its own memory, in one piece. */
export function predictionAt(batch: PredictionBatch, index: number, shape: WindowShape, timing: Timing): Prediction {
  const { dimension, emotions, modalities } = shape;
  const memory = new Float32Array(SENTIMENTS.length + emotions.length + modalities.length * dimension);
  let at = 0;
  const row = (values: Float32Array, width: number): Float32Array => {
    const place = new Float32Array(memory.buffer, at * Float32Array.BYTES_PER_ELEMENT, width);
    for (let i = 0; i < width; i++) place[i] = values[index * width + i] ?? 0;
    at += width;
    return place;
  };
  const virtual: Record<string, Float32Array> = {};
  for (const [m, { name }] of modalities.entries()) {
    const values = batch.virtual[m];
    if (values !== undefined) virtual[name] = row(values, dimension);
  }
  return {
    score: batch.score[index] ?? Number.NaN,
    logVariance: batch.logVariance[index] ?? Number.NaN,
    sentimentLogits: row(batch.sentimentLogits, SENTIMENTS.length),
    emotionLogits: row(batch.emotionLogits, emotions.length),
    virtual,
    timing,
  };
}
