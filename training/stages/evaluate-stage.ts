import type { Calibration, SentimentModel, WindowInput } from '../../models/model.ts';
import type { LocalModel } from '../../models/runtime/load-local-model.ts';
import { random, type Random } from '../../models/random.ts';
import type { Manifest } from '../../models/bundle/manifest.ts';
import { zeroFilled } from '../../models/zero-filled.ts';
import { calibrationMetrics } from '../evaluation/calibration-metrics.ts';
import { fitTemperature } from '../evaluation/calibrate.ts';
import { evaluate, evaluateLosses, type EvaluateOptions } from '../evaluation/evaluate.ts';
import {
  CLIP_PATTERNS,
  clipMetrics,
  clipTruths,
  clipWindows,
  losePattern,
  predictByPresence,
  virtualCosines,
} from '../evaluation/evaluate-clips.ts';
import { prefixed, type MetricRecord } from '../evaluation/metrics/metric-record.ts';
import { presencePattern, type MissingRates } from '../evaluation/presence.ts';
import type { Truth } from '../evaluation/score-predictions.ts';
import type { LabelledClip } from '../pools/clip-set.ts';
import { readPairs } from '../pools/pair-pool.ts';
import type { Embeddings } from './embed-stage.ts';

export type ManifestMetrics = Manifest['metrics'];

/** Composed clips of validation faces and utterances, with the embeddings that the bundle gives. */
export interface ClipSet {
  readonly clips: readonly LabelledClip[];
  readonly faces: Embeddings;
  readonly texts: Embeddings;
}

/** The clips of a set as windows of which everything is observed. */
export function windowsOf({ clips, faces, texts }: ClipSet): WindowInput[] {
  return clipWindows(clips, faces, texts);
}

/** Draws `n` clips; one name and seed always give the same. */
export function drawClips(
  draw: (random: Random) => LabelledClip,
  n: number,
  name: string,
  seed: number,
): LabelledClip[] {
  return Array.from({ length: n }, (_, i) => draw(random(seed, name, i)));
}

/**
 * Usual fidelity per modality: the mean cosine of the virtual with the observed embeddings over windows that lack nothing;
 * without a modality of which there is none.
 */
export async function usualFidelity(
  model: SentimentModel,
  windows: readonly WindowInput[],
): Promise<Record<string, number>> {
  const cosines = virtualCosines(await model.predictBatch(windows), windows, model.info.modalities);
  return Object.fromEntries(
    model.info.modalities.flatMap(({ name }) => {
      const cosine = cosines[`cosine_${name}`] ?? null;
      return cosine === null ? [] : [[name, cosine]];
    }),
  );
}

/** Windows with a sentiment below which a temperature would say more of these windows than of others. */
const FEWEST = 20;

/**
 * Temperature of the sentiment per presence pattern, over windows and what is known of each. A pattern of few windows has none,
 * which is as good as 1.
 */
export async function calibrateOnWindows(
  model: SentimentModel,
  windows: readonly WindowInput[],
  truths: readonly Truth[],
  seed: number,
): Promise<Record<string, number>> {
  const temperatures = [...(await predictByPresence(model, windows, seed))].flatMap(([pattern, group]) => {
    const labelled = group.filter(({ index }) => truths[index]?.sentiment !== undefined);
    if (new Set(labelled.map(({ index }) => index)).size < FEWEST) return [];
    const fitted = fitTemperature(
      group.map(({ prediction }) => prediction),
      group.map(({ index }) => truths[index] ?? {}),
    );
    return [[pattern, Number(fitted.toFixed(4))] as const];
  });
  return Object.fromEntries(temperatures);
}

/**
 * Metrics of composed clips per pattern of loss, beside two other ways to fill on the very same losses: zeros through
 * the same heads, and heads that were trained with zeros (`baselines`, by name). The calibration error is that at
 * the temperatures of `calibration`.
 */
export async function evaluateClips(
  model: SentimentModel,
  set: ClipSet,
  seed: number,
  baselines: Readonly<Record<string, SentimentModel>> = {},
  calibration: Calibration = model.info.calibration,
): Promise<ManifestMetrics> {
  const windows = windowsOf(set);
  const truths = clipTruths(set.clips);
  const { emotions, modalities } = model.info;
  const results: ManifestMetrics = [];
  for (const pattern of Object.keys(CLIP_PATTERNS)) {
    const lost = losePattern(windows, pattern, seed);
    const predictions = await model.predictBatch(lost);
    const fills: Record<string, MetricRecord> = {
      zeros: clipMetrics(await model.predictBatch(lost.map(zeroFilled)), truths, emotions),
    };
    for (const [name, other] of Object.entries(baselines))
      fills[name] = clipMetrics(await other.predictBatch(lost), truths, emotions);
    results.push({
      dataset: 'composed clips',
      split: 'val',
      n: set.clips.length,
      missing: pattern,
      metrics: {
        ...clipMetrics(predictions, truths, emotions),
        ...calibrationMetrics(
          predictions,
          truths,
          lost.map((window) => presencePattern(window, modalities)),
          calibration,
        ),
        ...(pattern === 'none' ? virtualCosines(predictions, windows, modalities) : {}),
      },
      baseline: Object.fromEntries(
        Object.entries(fills).flatMap(([fill, record]) => Object.entries(prefixed(fill, record))),
      ),
    });
  }
  return results;
}

/** Where the data is, and what becomes of what is bad. */
export type MeasureOptions = Pick<EvaluateOptions, 'data' | 'skipBad' | 'onBad' | 'signal'>;

/** Metrics of the data sets' validation splits; what a set does not have is missing. */
export async function evaluateDatasets(
  model: LocalModel,
  options: MeasureOptions,
  names: readonly string[],
  onStage?: (what: string) => void,
): Promise<ManifestMetrics> {
  const results: ManifestMetrics = [];
  for (const dataset of names) {
    onStage?.(`evaluating ${dataset}`);
    const { split, n, metrics, baseline } = await evaluate({
      ...options,
      model,
      dataset,
      split: 'val',
    });
    results.push({ dataset, split, n, missing: 'what the set lacks', metrics, baseline });
  }
  return results;
}

/** What is missing of real pairs when they are measured, by what a report says of it. */
const PAIR_LOSSES: Readonly<Record<string, MissingRates>> = {
  none: {},
  video: { video: 1 },
  text: { text: 1 },
};

/** Metrics of the pairs of a data set that {@link readPairs} keeps for validation; without a face seen, there is no video. */
export async function evaluatePairs(
  model: LocalModel,
  options: MeasureOptions & Pick<EvaluateOptions, 'dataset'>,
): Promise<ManifestMetrics> {
  const names = Object.keys(PAIR_LOSSES);
  const results = await evaluateLosses(
    { ...options, model, split: 'val', samplesOf: (opened) => readPairs(opened, 'val') },
    Object.values(PAIR_LOSSES),
  );
  return results.map(({ dataset, split, n, metrics, baseline }, i) => ({
    dataset: `${dataset}, pairs`,
    split,
    n,
    missing: names[i] ?? '',
    metrics,
    baseline,
  }));
}

/** Heights of faces as a share of the frame's, at which a model that finds faces is measured. */
const FACE_HEIGHTS = [0.5, 0.3, 0.25];

/** Metrics of the faces of a data set's validation split when they are part of a frame, by their size. */
export async function evaluateFaceSizes(
  model: LocalModel,
  options: MeasureOptions & Pick<EvaluateOptions, 'dataset' | 'backgrounds'>,
): Promise<ManifestMetrics> {
  const results: ManifestMetrics = [];
  for (const faceHeight of FACE_HEIGHTS) {
    const { split, n, metrics, baseline } = await evaluate({
      ...options,
      model,
      split: 'val',
      faceHeight,
    });
    const dataset = `${options.dataset}, faces at ${100 * faceHeight} % of the frame's height`;
    results.push({ dataset, split, n, missing: 'what the set lacks', metrics, baseline });
  }
  return results;
}
