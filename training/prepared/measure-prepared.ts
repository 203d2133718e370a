import type { LocalModel } from '../../models/runtime/load-local-model.ts';
import { random } from '../../models/random.ts';
import { asServed } from '../adapter/adapt-table.ts';
import { calibrationMetrics } from '../evaluation/calibration-metrics.ts';
import { evaluatePrepared } from '../evaluation/evaluate-prepared.ts';
import { loseFrom, nothingObserved, presencePattern } from '../evaluation/presence.ts';
import { calibrateOnWindows, usualFidelity, type ManifestMetrics } from '../stages/evaluate-stage.ts';
import { takeRows, type ClipTable } from '../sweep/clip-table.ts';
import { tableTruths } from '../sweep/table-truths.ts';
import { tableWindows } from '../sweep/table-windows.ts';
import { hashedPart } from './hash-share.ts';
import { isLabelled, joinTables, type PreparedClips } from './prepared-clips.ts';
import type { Measured } from './tuned-bundle.ts';

/** What is missing of validation clips when they are measured, by what a report says of it. */
const LOSSES = { none: {}, video: { video: 1 }, text: { text: 1 } } as const;

/** What a report calls the validation clips that the calibration was not fitted on. */
const OTHER_HALF = 'the half not calibrated on';

export interface MeasureOptions {
  /** With the new heads, not calibrated yet. */
  readonly model: LocalModel;
  readonly sets: readonly PreparedClips[];
  readonly seed: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Calibrates and measures heads on the validation clips: the temperatures are fitted on one half of them, told by a hash of
 * the group or id, and their errors measured on the other; all other figures, which no temperature changes, are of all of them.
 */
export async function measurePrepared(options: MeasureOptions): Promise<Measured> {
  const { model, sets, seed, signal } = options;
  const val = await asServed(model, joinTables(sets.map((set) => set.val)));
  if (val.n === 0) return { calibration: {}, fidelity: {}, metrics: [] };
  const clips = sets.flatMap(({ valClips }) => valClips);
  const fittedOn = hashedPart('calibration', clips, 0.5);
  const half = (fitted: boolean): ClipTable =>
    takeRows(
      val,
      fittedOn.flatMap((isFitted, row) => (isFitted === fitted ? [row] : [])),
    );
  const fitted = half(true);
  const calibration = await calibrateOnWindows(model, tableWindows(model.info, fitted), tableTruths(fitted), seed);
  const complete = tableWindows(model.info, val).filter((window) =>
    Object.values(window).every(({ mask }) => mask.every((there) => there === 1)),
  );
  const fidelity = complete.length === 0 ? {} : await usualFidelity(model, complete);
  const metrics: ManifestMetrics = [];
  for (const { path, label, val: own } of sets) {
    if (!isLabelled(own)) continue;
    const results = await evaluatePrepared(
      { model, dataset: path, data: '', split: 'val', signal },
      Object.values(LOSSES),
    );
    for (const [i, missing] of Object.keys(LOSSES).entries()) {
      const result = results[i];
      // Where that was all that the set has, there is nothing to measure.
      if (result === undefined || result.n === 0) continue;
      const { split, n } = result;
      metrics.push({ dataset: label, split, n, missing, metrics: result.metrics, baseline: result.baseline });
    }
  }
  if (Object.keys(calibration).length > 0)
    metrics.push(...(await calibrationErrors(options, half(false), calibration)));
  return { calibration, fidelity, metrics };
}

/** Errors of calibration on clips that it was not fitted on, over those with a sentiment. */
async function calibrationErrors(
  { model, sets }: MeasureOptions,
  clips: ClipTable,
  calibration: Measured['calibration'],
): Promise<ManifestMetrics> {
  const truths = tableTruths(clips);
  const windows = tableWindows(model.info, clips);
  const names = [...new Set(sets.map(({ dataset }) => dataset))].join(', ');
  const errors: ManifestMetrics = [];
  for (const [missing, rates] of Object.entries(LOSSES)) {
    const left = windows.flatMap((window, row) => {
      const lost = loseFrom(window, rates, 'sample', random(0));
      return truths[row]?.sentiment === undefined || nothingObserved(lost) ? [] : [{ lost, truth: truths[row] }];
    });
    if (left.length === 0) continue;
    const metrics = calibrationMetrics(
      await model.predictBatch(left.map(({ lost }) => lost)),
      left.map(({ truth }) => truth),
      left.map(({ lost }) => presencePattern(lost, model.info.modalities)),
      calibration ?? {},
    );
    errors.push({
      dataset: `${names}, ${OTHER_HALF}`,
      split: 'val',
      n: left.length,
      missing,
      metrics,
      baseline: {},
    });
  }
  return errors;
}
