import type { Prediction } from '../../models/model.ts';
import { random } from '../../models/random.ts';
import { targetsOf } from '../datasets/open-dataset.ts';
import { findSplit, resolveSplit } from '../datasets/splits.ts';
import { asServed } from '../adapter/adapt-table.ts';
import { checkBundle } from '../prepare/check-bundle.ts';
import { preparedSplits, readPrepared } from '../prepare/prepared-file.ts';
import { clipsFor } from '../prepared/held-out.ts';
import { clipName, readTrainedClips } from '../prepared/trained-clips.ts';
import { takeRows } from '../sweep/clip-table.ts';
import { tableTruths } from '../sweep/table-truths.ts';
import { tableWindows } from '../sweep/table-windows.ts';
import { refuseOptions, requireLabels, requireModalities, sampleOptions } from './check-options.ts';
import { trainedOn, type EvaluateOptions, type EvaluationResult } from './evaluate.ts';
import { trivialBaseline } from './metrics/trivial-baseline.ts';
import { levelOf, loseFrom, nothingObserved, type MissingRates } from './presence.ts';
import { joinTargets, scorePredictions } from './score-predictions.ts';

const CHUNK = 512;

/**
 * Evaluates a model's heads on a split of a file that `undertone data prepare` made with it, with one thing after the other
 * missing. Nothing is encoded; the metrics are those of the data set that was prepared. What is missing is drawn by seed and
 * row: the same as of that data set as far as the first sample that was left out when the file was made. A file without a
 * validation split has that of {@link clipsFor}, for every bundle alike.
 *
 * @param options `dataset` is the file's path
 * @throws UndertoneError `data_not_found`, `data_split`, `checkpoint_unreadable`; `sweep_bundle` where another bundle made it;
 * `eval_option`, `eval_labels`, `unknown_modality`; the signal's reason
 */
export async function evaluatePrepared(
  options: Omit<EvaluateOptions, 'missing'>,
  losses: readonly MissingRates[],
): Promise<EvaluationResult[]> {
  const { model, dataset: path, missingLevel = 'sample', seed = 0, signal } = options;
  const { name, version, sha256, emotions } = model.info;
  refuseOptions(path, {
    '--data': options.data === '' ? undefined : options.data,
    ...sampleOptions(options),
    '--skip-bad': options.skipBad === true ? true : undefined,
  });
  for (const missing of losses) requireModalities(model, missing);
  const { index, table } = await readPrepared(path);
  checkBundle(path, index, model.info);
  const { dataset } = index;
  const { clips, heldOut } = clipsFor(path, options.split, index.clips);
  const { held, rowsOf } = preparedSplits({ clips });
  const own = rowsOf(resolveSplit(dataset, options.split, held));
  const evaluated = await asServed(model, takeRows(table, own));
  const trained = await readTrainedClips(model.dir);
  const names = own.map((i) => clipName(dataset, clips[i]));
  const truths = tableTruths(evaluated);
  const targets = targetsOf(dataset);
  requireLabels(path, options.split, targets, truths);
  const windows = tableWindows(model.info, evaluated);
  const runs = losses.map((missing) => ({ missing, predictions: [] as Prediction[], rows: [] as number[] }));
  for (let start = 0; start < windows.length; start += CHUNK) {
    signal?.throwIfAborted();
    const chunk = windows.slice(start, start + CHUNK);
    for (const { missing, predictions, rows } of runs) {
      const lost = chunk.map((window, i) =>
        loseFrom(window, missing, missingLevel, random(seed, 'missing', start + i)),
      );
      const usable = [...lost.entries()].filter(([, window]) => !nothingObserved(window));
      predictions.push(...(await model.predictBatch(usable.map(([, window]) => window))));
      rows.push(...usable.map(([i]) => start + i));
    }
    options.onProgress?.(Math.min(windows.length, start + CHUNK), windows.length);
  }
  const training = findSplit('train', held);
  const reference = training === undefined ? truths : tableTruths(takeRows(table, rowsOf(training)));
  return runs.map(({ missing, predictions, rows }) => {
    const labels = rows.map((row) => truths[row] ?? {});
    return {
      dataset,
      split: options.split,
      ...(heldOut && training !== undefined ? { held_out_of: training } : {}),
      n: rows.length,
      ...trainedOn(rows.filter((row) => trained.has(names[row] ?? '')).length),
      insufficient: windows.length - rows.length,
      skipped: 0,
      missing,
      ...levelOf(missing, missingLevel),
      seed,
      bundle: { name, version, sha256 },
      metrics: joinTargets(targets.map((target) => [target, scorePredictions(target, predictions, labels, emotions)])),
      baseline: joinTargets(targets.map((target) => [target, trivialBaseline(target, reference, labels)])),
      ...(training === undefined ? { baseline_from: options.split } : {}),
    };
  });
}
