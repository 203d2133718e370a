import type { SentimentModel } from '../../models/model.ts';
import { softmax } from '../../models/softmax.ts';
import { predictByPresence } from '../evaluation/evaluate-clips.ts';
import { reliability, type Reliability } from '../evaluation/reliability.ts';
import { argmax } from '../evaluation/argmax.ts';
import type { ClipTable } from './clip-table.ts';
import { tableWindows } from './table-windows.ts';

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
export async function calibrationReport(model: SentimentModel, table: ClipTable): Promise<PatternCalibration[]> {
  const groups = await predictByPresence(model, tableWindows(model.info, table), SEED);
  return [...groups].flatMap(([pattern, group]) => {
    const labelled = group.flatMap(({ prediction: { sentimentLogits: logits }, index }) => {
      const label = table.sentiment[index] ?? -1;
      return label < 0 ? [] : [{ logits, label }];
    });
    if (labelled.length === 0) return [];
    const temperature = model.info.calibration[pattern] ?? 1;
    const at = (t: number): Reliability =>
      reliability(
        labelled.map(({ logits }) => Math.min(1, Math.max(...softmax(logits, t)))),
        labelled.map(({ logits, label }) => argmax(logits) === label),
      );
    return [{ pattern, temperature, before: at(1), after: at(temperature) }];
  });
}
