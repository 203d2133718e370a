import { EXIT, UndertoneError } from '../../models/errors.ts';
import type { ImageInput, Prediction, WindowInput } from '../../models/model.ts';
import { random } from '../../models/random.ts';
import type { LocalModel } from '../../models/runtime/load-local-model.ts';
import { openDataset, type Dataset } from '../datasets/open-dataset.ts';
import type { Sample } from '../datasets/sample.ts';
import { backgroundSamples } from '../pools/background-pool.ts';
import { faceInFrame } from './face-in-frame.ts';
import { trivialBaseline } from './metrics/trivial-baseline.ts';
import type { MetricRecord } from './metrics/metric-record.ts';
import { loseFrom, nothingObserved, type MissingLevel, type MissingRates } from './presence.ts';
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
  /** Shows each image as a face of this share of a frame's height instead of as it is; see {@link faceInFrame}. */
  readonly faceHeight?: number | undefined;
  /** Data set in `data` whose pictures stand behind these faces; the backgrounds are drawn where there is none. */
  readonly backgrounds?: string | undefined;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface EvaluationResult {
  readonly dataset: string;
  readonly split: string;
  /** Samples predicted. */
  readonly n: number;
  /** Samples of which nothing was left to predict from; they are in no metric. */
  readonly insufficient: number;
  /** Rows left out by `skipBad`. */
  readonly skipped: number;
  readonly missing: MissingRates;
  readonly seed: number;
  readonly face_height?: number;
  readonly backgrounds?: string;
  readonly bundle: { readonly name: string; readonly version: string; readonly sha256: string };
  readonly metrics: MetricRecord;
  /** The same metrics of always predicting the training split's most frequent class or mean score. */
  readonly baseline: MetricRecord;
}

const CHUNK = 512;
/** Whole frames are larger. */
const FRAMES_CHUNK = 64;

/**
 * Evaluates a model on a split: a sample's image stands in every slot, its text is the window's, and what the data set
 * does not have is missing and synthesised.
 *
 * @throws UndertoneError `data_*` (see openDataset), `unknown_modality`
 */
export async function evaluate(options: EvaluateOptions): Promise<EvaluationResult> {
  const { model, missing = {}, missingLevel = 'sample', seed = 0 } = options;
  const { name, version, sha256, modalities, emotions } = model.info;
  for (const modality of Object.keys(missing)) {
    if (!modalities.some((known) => known.name === modality))
      throw new UndertoneError('unknown_modality', `the bundle has no modality ${modality}`, { exitCode: EXIT.usage });
  }
  const dataset = await openDataset(options.dataset, options.data, { skipBad: options.skipBad ?? false });
  const samples = options.samplesOf?.(dataset) ?? dataset.samples(options.split);
  const { faceHeight, backgrounds } = options;
  const behind =
    backgrounds === undefined
      ? []
      : backgroundSamples(await openDataset(backgrounds, options.data, { skipBad: true }), 'val');
  const shown = async (sample: Sample, index: number): Promise<ImageInput> => {
    const bytes = sample.image?.() ?? new Uint8Array();
    if (faceHeight === undefined) return { kind: 'image', bytes };
    const draw = random(seed, 'face in frame', index);
    return faceInFrame(draw, bytes, faceHeight, behind.length === 0 ? undefined : draw.pick(behind).image());
  };
  const predictions: Prediction[] = [];
  const evaluated: Sample[] = [];
  const size = faceHeight === undefined ? CHUNK : FRAMES_CHUNK;
  for (let start = 0; start < samples.length; start += size) {
    const chunk = samples.slice(start, start + size);
    const windows = await sampleWindows(model, chunk, (index) => shown(chunk[index] as Sample, start + index));
    const kept = windows.map((window, i) =>
      loseFrom(window, missing, missingLevel, random(seed, 'missing', start + i)),
    );
    const usable = kept.flatMap((window, i) =>
      nothingObserved(window) ? [] : [{ window, sample: chunk[i] as Sample }],
    );
    predictions.push(...(await model.predictBatch(usable.map(({ window }) => window))));
    evaluated.push(...usable.map(({ sample }) => sample));
    options.onProgress?.(Math.min(samples.length, start + size), samples.length);
  }
  const { targets, splits } = dataset.info;
  const reference = Object.hasOwn(splits, 'train') ? dataset.samples('train') : samples;
  return {
    dataset: options.dataset,
    split: options.split,
    n: evaluated.length,
    insufficient: samples.length - evaluated.length,
    skipped: dataset.bad.length,
    missing,
    seed,
    ...(faceHeight === undefined ? {} : { face_height: faceHeight, backgrounds: backgrounds ?? 'drawn' }),
    bundle: { name, version, sha256 },
    metrics: joinTargets(targets.map((target) => [target, scorePredictions(target, predictions, evaluated, emotions)])),
    baseline: joinTargets(targets.map((target) => [target, trivialBaseline(target, reference, evaluated)])),
  };
}

/** One window per sample, with everything observed that the sample has. */
async function sampleWindows(
  model: LocalModel,
  samples: readonly Sample[],
  imageOf: (index: number) => Promise<ImageInput>,
): Promise<WindowInput[]> {
  const { dimension, modalities } = model.info;
  const windows: Record<string, { embeddings: Float32Array; mask: Float32Array }>[] = samples.map(() => ({}));
  for (const { name, kind, slots } of modalities) {
    for (const window of windows) {
      window[name] = { embeddings: new Float32Array(slots * dimension), mask: new Float32Array(slots) };
    }
    const having = samples.flatMap((sample, i) =>
      (kind === 'image' ? sample.image : sample.text) === undefined ? [] : [i],
    );
    const rows =
      kind === 'image'
        ? await encodedImages(model, name, having, samples, imageOf)
        : { embeddings: await encodedTexts(model, name, having, samples), absent: new Set<number>() };
    for (const [row, at] of having.entries()) {
      if (rows.absent.has(row)) continue;
      const part = windows[at]?.[name];
      for (let slot = 0; slot < slots; slot++)
        part?.embeddings.set(rows.embeddings.subarray(row * dimension, (row + 1) * dimension), slot * dimension);
      part?.mask.fill(1);
    }
  }
  return windows;
}

/** Rows of the images, and which of them a model that looks for faces sees none in: these are not observed. */
async function encodedImages(
  model: LocalModel,
  name: string,
  at: readonly number[],
  samples: readonly Sample[],
  imageOf: (index: number) => Promise<ImageInput>,
): Promise<{ readonly embeddings: Float32Array; readonly absent: ReadonlySet<number> }> {
  const images: ImageInput[] = [];
  for (const index of at) images.push(await imageOf(index));
  const { embeddings, failures } = await model.encodeImages(name, images);
  const failure = failures.find(({ error }) => error.code !== 'no_face');
  if (failure !== undefined) {
    const id = samples[at[failure.index] ?? 0]?.id ?? '';
    throw new UndertoneError('data_image', `image ${id}: ${failure.error.message}`, { cause: failure.error });
  }
  return { embeddings, absent: new Set(failures.map(({ index }) => index)) };
}

async function encodedTexts(
  model: LocalModel,
  name: string,
  at: readonly number[],
  samples: readonly Sample[],
): Promise<Float32Array> {
  return model.encodeTexts(
    name,
    at.map((i) => samples[i]?.text ?? ''),
  );
}
