import { SENTIMENTS, type WindowInput } from '../../models/model.ts';
import type { LocalModel } from '../../models/runtime/load-local-model.ts';
import { CLIP_PATTERNS, losePattern } from '../evaluation/evaluate-clips.ts';
import { presencePattern } from '../evaluation/presence.ts';
import { reliability, type Reliability } from '../evaluation/reliability.ts';
import { argmax, softmax } from '../evaluation/softmax.ts';
import type { ClipTable } from './clip-table.ts';

/** How far the confidence of the bundle's own heads can be believed for one presence pattern. */
export interface PatternCalibration {
  /** As the manifest's calibration is keyed. */
  readonly pattern: string;
  /** Of the manifest, as live sessions use it; 1 where it has none. */
  readonly temperature: number;
  readonly before: Reliability;
  readonly after: Reliability;
}

const SEED = 2000;

/**
 * Reliability of the bundle's sentiment on clips, per presence pattern, with temperature 1 and with the manifest's. The
 * clips are other ones than those that the temperatures were fitted on, though of the same faces and utterances.
 */
export async function calibrationReport(model: LocalModel, table: ClipTable): Promise<PatternCalibration[]> {
  const { modalities, calibration } = model.info;
  const windows = windowsOf(model, table);
  const groups = new Map<string, { readonly logits: Float32Array; readonly label: number }[]>();
  for (const pattern of Object.keys(CLIP_PATTERNS)) {
    const lost = losePattern(windows, pattern, SEED);
    for (const [i, { sentimentLogits }] of (await model.predictBatch(lost)).entries()) {
      const label = table.sentiment[i] ?? -1;
      if (label < 0) continue;
      const key = presencePattern(lost[i] ?? {}, modalities);
      const group = groups.get(key) ?? [];
      groups.set(key, group);
      group.push({ logits: sentimentLogits, label });
    }
  }
  return [...groups].map(([pattern, group]) => {
    const temperature = calibration[pattern] ?? 1;
    const at = (t: number): Reliability =>
      reliability(
        group.map(({ logits }) => Math.min(1, Math.max(...softmax(logits, t)))),
        group.map(({ logits, label }) => argmax(logits) === label && label < SENTIMENTS.length),
      );
    return { pattern, temperature, before: at(1), after: at(temperature) };
  });
}

function windowsOf({ info }: LocalModel, { n, slots, dimension, ...table }: ClipTable): WindowInput[] {
  const part = (rows: Float32Array, mask: Float32Array, width: number, i: number) => ({
    embeddings: rows.subarray(i * width * dimension, (i + 1) * width * dimension),
    mask: mask.subarray(i * width, (i + 1) * width),
  });
  return Array.from({ length: n }, (_, i) =>
    Object.fromEntries(
      info.modalities.map(({ name, kind }) => [
        name,
        kind === 'image' ? part(table.video, table.videoMask, slots, i) : part(table.text, table.textMask, 1, i),
      ]),
    ),
  );
}
