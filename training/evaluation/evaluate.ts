import { EXIT, UndertoneError } from '../../models/errors.ts';
import type { ImageInput, Prediction } from '../../models/model.ts';
import { random, type Random } from '../../models/random.ts';
import type { LocalModel } from '../../models/runtime/load-local-model.ts';
import { spokenText } from '../augment/text.ts';
import { openDataset, type Dataset } from '../datasets/open-dataset.ts';
import type { Sample } from '../datasets/sample.ts';
import type { OnBad } from '../datasets/sink.ts';
import { findSplit } from '../datasets/splits.ts';
import { readableImages } from '../embeddings/readable-images.ts';
import { clipName, readTrainedClips } from '../prepared/trained-clips.ts';
import { backgroundSamples, type BackgroundSample } from '../pools/background-pool.ts';
import { refuseOptions, requireLabels, requireModalities } from './check-options.ts';
import { faceInFrame } from './face-in-frame.ts';
import { trivialBaseline } from './metrics/trivial-baseline.ts';
import type { MetricRecord } from './metrics/metric-record.ts';
import { levelOf, loseFrom, nothingObserved, type MissingLevel, type MissingRates } from './presence.ts';
import { sampleWindows } from './sample-windows.ts';
import { joinTargets, scorePredictions } from './score-predictions.ts';

export interface EvaluateOptions {
  readonly model: LocalModel;
  readonly dataset: string;
  /** The data set's folder, published or packed, or one that holds it. */
  readonly data: string;
  readonly split: string;
  /** Samples to evaluate instead of all of the split. */
  readonly samplesOf?: ((dataset: Dataset) => readonly Sample[]) | undefined;
  readonly missing?: MissingRates;
  readonly missingLevel?: MissingLevel;
  readonly seed?: number;
  readonly skipBad?: boolean;
  /** With `skipBad`: is told of rows and images that are left out. */
  readonly onBad?: OnBad | undefined;
  /** Shows each image as a face of this share of a frame's height instead of as it is; see {@link faceInFrame}. */
  readonly faceHeight?: number | undefined;
  /** Data set in `data` whose pictures stand behind these faces; the backgrounds are drawn where there is none. */
  readonly backgrounds?: string | undefined;
  /** Takes each text as a speech recogniser may put it down, with this share misheard; see {@link spokenText}. */
  readonly spoken?: number | undefined;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface EvaluationResult {
  readonly dataset: string;
  readonly split: string;
  /** Of a prepared file without a validation split: the split that `train --prepared` holds these clips out of. */
  readonly held_out_of?: string;
  /** Samples predicted. */
  readonly n: number;
  /** Those of them that the bundle's heads were trained on by `train --prepared`. Only where there are some. */
  readonly trained_on?: number;
  /** Samples of which nothing was left to predict from; they are in no metric. */
  readonly insufficient: number;
  /** Rows, and samples whose image cannot be read, left out by `skipBad`. */
  readonly skipped: number;
  /** Samples that have a clip: it is not read, so their video is missing. Only where there are some. */
  readonly clips_not_read?: number;
  readonly missing: MissingRates;
  /** Where something is missing. */
  readonly missing_level?: MissingLevel;
  readonly seed: number;
  readonly face_height?: number;
  readonly backgrounds?: string;
  readonly spoken?: number;
  readonly bundle: { readonly name: string; readonly version: string; readonly sha256: string };
  readonly metrics: MetricRecord;
  /** The same metrics of always predicting the training split's most frequent class or mean score. */
  readonly baseline: MetricRecord;
  /** The evaluated split, where there is no training split that the baseline could be taken from. */
  readonly baseline_from?: string;
}

const CHUNK = 512;
/** Whole frames are larger. */
const FRAMES_CHUNK = 64;

/**
 * Evaluates a model on a split: a sample's image stands in every slot, its text is the window's, and what the data set
 * does not have is missing and synthesised.
 *
 * @throws UndertoneError `data_*` (see openDataset), `unknown_modality`, `eval_option`, `eval_labels`; the signal's reason
 */
export async function evaluate({ missing = {}, ...options }: EvaluateOptions): Promise<EvaluationResult> {
  const [result] = await evaluateLosses(options, [missing]);
  return result as EvaluationResult;
}

/** As {@link evaluate} with one thing after the other missing of the same samples, which are encoded once. */
export async function evaluateLosses(
  options: Omit<EvaluateOptions, 'missing'>,
  losses: readonly MissingRates[],
): Promise<EvaluationResult[]> {
  const { model, missingLevel = 'sample', seed = 0, faceHeight, backgrounds, spoken, signal } = options;
  const { skipBad = false, onBad = () => {} } = options;
  const { name, version, sha256, emotions } = model.info;
  for (const missing of losses) requireModalities(model, missing);
  if (backgrounds !== undefined && faceHeight === undefined)
    throw new UndertoneError(
      'eval_option',
      '--backgrounds changes nothing without --face-height, which says how large the faces before them are; give it, too',
      { exitCode: EXIT.usage },
    );
  const dataset = await openDataset(options.dataset, options.data, { skipBad, onBad });
  const written = options.samplesOf?.(dataset) ?? dataset.samples(options.split);
  refuseOptions(options.dataset, {
    ...(written.some(({ image }) => image) ? {} : { '--face-height': faceHeight, '--backgrounds': backgrounds }),
    ...(written.some(({ text }) => text !== undefined) ? {} : { '--spoken': spoken }),
  });
  const { targets, splits } = dataset.info;
  requireLabels(options.dataset, options.split, targets, written);
  const samples =
    spoken === undefined ? written : written.map((sample, i) => asSpoken(sample, spoken, random(seed, 'spoken', i)));
  const behind = backgrounds === undefined ? [] : await picturesBehind(backgrounds, options);
  const shown = async (sample: Sample, index: number): Promise<ImageInput> => {
    const bytes = sample.image?.() ?? new Uint8Array();
    if (faceHeight === undefined) return { kind: 'image', bytes };
    const draw = random(seed, 'face in frame', index);
    return faceInFrame(draw, bytes, faceHeight, behind.length === 0 ? undefined : draw.pick(behind).image());
  };
  const runs = losses.map((missing) => ({ missing, predictions: [] as Prediction[], evaluated: [] as Sample[] }));
  let unreadable = 0;
  const size = faceHeight === undefined ? CHUNK : FRAMES_CHUNK;
  for (let start = 0; start < samples.length; start += size) {
    signal?.throwIfAborted();
    const chunk = samples.slice(start, start + size);
    const imageOf = (index: number): Promise<ImageInput> => shown(chunk[index] as Sample, start + index);
    const { windows, bad } = await sampleWindows(model, chunk, { imageOf, skipBad, onBad, signal });
    unreadable += bad.size;
    for (const { missing, predictions, evaluated } of runs) {
      const usable = windows.flatMap((whole, i) => {
        const window = loseFrom(whole, missing, missingLevel, random(seed, 'missing', start + i));
        return bad.has(i) || nothingObserved(window) ? [] : [{ window, sample: chunk[i] as Sample }];
      });
      predictions.push(...(await model.predictBatch(usable.map(({ window }) => window))));
      evaluated.push(...usable.map(({ sample }) => sample));
    }
    options.onProgress?.(Math.min(samples.length, start + size), samples.length);
  }
  const clips = samples.filter(({ video }) => video !== undefined).length;
  const training = findSplit('train', Object.keys(splits));
  const reference = training === undefined ? samples : dataset.samples(training);
  const trained = await readTrainedClips(model.dir);
  const known = new Set(samples.filter((_, i) => trained.has(clipName(options.dataset, written[i]))));
  return runs.map(({ missing, predictions, evaluated }) => ({
    dataset: options.dataset,
    split: options.split,
    n: evaluated.length,
    ...trainedOn(evaluated.filter((sample) => known.has(sample)).length),
    insufficient: samples.length - unreadable - evaluated.length,
    skipped: dataset.bad.length + unreadable,
    ...(clips === 0 ? {} : { clips_not_read: clips }),
    missing,
    ...levelOf(missing, missingLevel),
    seed,
    ...(spoken === undefined ? {} : { spoken }),
    ...(faceHeight === undefined ? {} : { face_height: faceHeight, backgrounds: backgrounds ?? 'drawn' }),
    bundle: { name, version, sha256 },
    metrics: joinTargets(targets.map((target) => [target, scorePredictions(target, predictions, evaluated, emotions)])),
    baseline: joinTargets(targets.map((target) => [target, trivialBaseline(target, reference, evaluated)])),
    ...(training === undefined ? { baseline_from: options.split } : {}),
  }));
}

/** @throws UndertoneError `eval_option` where the data set has none; `data_*`; the signal's reason */
async function picturesBehind(
  name: string,
  { data, skipBad = false, onBad = () => {}, signal }: Omit<EvaluateOptions, 'missing'>,
): Promise<readonly BackgroundSample[]> {
  const dataset = await openDataset(name, data, { skipBad, onBad });
  const pictures = await readableImages(backgroundSamples(dataset, 'val'), skipBad ? onBad : undefined, signal);
  if (pictures.length > 0) return pictures;
  throw new UndertoneError(
    'eval_option',
    `--backgrounds ${name}: no picture of it stands behind faces in evaluation; name mvsa, or leave it out`,
    { exitCode: EXIT.usage },
  );
}

function asSpoken(sample: Sample, share: number, draw: Random): Sample {
  return sample.text === undefined ? sample : { ...sample, text: spokenText(draw, sample.text, share) };
}

/** The field of a result, where any of its samples was trained on. */
export function trainedOn(count: number): Pick<EvaluationResult, 'trained_on'> {
  return count === 0 ? {} : { trained_on: count };
}
