import type { ImageInput } from '../../models/model.ts';
import { random } from '../../models/random.ts';
import { DEFAULT_CLIP } from '../augment/clips.ts';
import { openDataset } from '../datasets/open-dataset.ts';
import type { Sample } from '../datasets/sample.ts';
import { clipSource } from '../pools/clip-set.ts';
import { readUtterances, type Utterance } from '../pools/text-pool.ts';
import { compact } from '../recipes/compact.ts';
import { clipMetrics, clipTruths, clipWindows, virtualCosines } from './evaluate-clips.ts';
import type { EvaluateOptions, EvaluationResult } from './evaluate.ts';
import type { MetricRecord } from './metrics/metric-record.ts';
import { trivialBaseline } from './metrics/trivial-baseline.ts';
import { loseFrom, nothingObserved, zeroFilled } from './presence.ts';
import { joinTargets } from './score-predictions.ts';

const CLIPS = 3000;
const TARGETS = ['emotion', 'sentiment', 'score'] as const;

/**
 * Evaluates clips composed from a split's FER2013 faces and the utterances of the recipe's text sets: the metrics of the
 * requested loss, and as baselines the trivial prediction and the same heads fed zeros for what is missing.
 */
export async function evaluateComposed(options: EvaluateOptions): Promise<EvaluationResult> {
  const { model, data, split, missing = {}, missingLevel = 'sample', seed = 0, skipBad = false } = options;
  const { name, version, sha256, dimension, modalities, emotions } = model.info;
  const slots = modalities.find(({ kind }) => kind === 'image')?.slots ?? 1;
  const faces = (await openDataset('fer2013', data, { skipBad })).samples(split).flatMap(withFace);
  const utterances: Utterance[] = [];
  for (const { dataset, weight, scores } of compact.texts)
    utterances.push(...readUtterances(await openDataset(dataset, data, { skipBad }), split, { weight, scores }));
  const draw = clipSource(faces, utterances, { slots, scored: compact.clips.scored, composition: DEFAULT_CLIP });
  const clips = Array.from({ length: CLIPS }, (_, i) => draw(random(seed, 'composed clip', i)));

  const images = faces.map(({ image }): ImageInput => ({ kind: 'image', bytes: image() }));
  const faceRows = await model.encodeImages('video', images);
  options.onProgress?.(1, 3);
  const textRows = await model.encodeTexts(
    'text',
    utterances.map(({ text }) => text),
  );
  options.onProgress?.(2, 3);
  const all = clipWindows(
    clips,
    { rows: faceRows.embeddings, dimension, variants: 1 },
    { rows: textRows, dimension, variants: 1 },
  );
  const lost = all.map((window, i) => loseFrom(window, missing, missingLevel, random(seed, 'composed loss', i)));
  const kept = lost.flatMap((window, i) => (nothingObserved(window) ? [] : [i]));
  const windows = kept.map((i) => lost[i] ?? {});
  const labels = clipTruths(clips);
  const truths = kept.map((i) => labels[i] ?? {});
  const predictions = await model.predictBatch(windows);
  const zeros = clipMetrics(await model.predictBatch(windows.map(zeroFilled)), truths, emotions);
  options.onProgress?.(3, 3);
  return {
    dataset: 'composed',
    split,
    n: windows.length,
    insufficient: clips.length - windows.length,
    skipped: 0,
    missing,
    seed,
    bundle: { name, version, sha256 },
    metrics: {
      ...clipMetrics(predictions, truths, emotions),
      ...virtualCosines(
        predictions,
        kept.map((i) => all[i] ?? {}),
        modalities,
      ),
    },
    baseline: {
      ...joinTargets(TARGETS.map((target) => [target, trivialBaseline(target, labels, truths)])),
      ...prefixed('zeros', zeros),
    },
  };
}

function withFace({ emotion, image }: Sample) {
  return emotion === undefined || image === undefined ? [] : [{ emotion, image, weight: 1 }];
}

function prefixed(prefix: string, record: MetricRecord): MetricRecord {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [`${prefix}_${name}`, value]));
}
