import { random } from '../../models/random.ts';
import { zeroFilled } from '../../models/zero-filled.ts';
import { DEFAULT_CLIP } from '../augment/clips.ts';
import { openDataset, type Dataset } from '../datasets/open-dataset.ts';
import type { Sample } from '../datasets/sample.ts';
import { encodeShown } from '../embeddings/encode-shown.ts';
import { clipSource } from '../pools/clip-set.ts';
import { readUtterances, type Utterance } from '../pools/text-pool.ts';
import { compact } from '../recipes/compact.ts';
import { refuseOptions, requireModalities, sampleOptions } from './check-options.ts';
import { clipMetrics, clipTruths, clipWindows, virtualCosines } from './evaluate-clips.ts';
import type { EvaluateOptions, EvaluationResult } from './evaluate.ts';
import { prefixed } from './metrics/metric-record.ts';
import { trivialBaseline } from './metrics/trivial-baseline.ts';
import { levelOf, loseFrom, nothingObserved } from './presence.ts';
import { joinTargets } from './score-predictions.ts';

const CLIPS = 3000;
const TARGETS = ['emotion', 'sentiment', 'score'] as const;

/**
 * Evaluates clips composed from a split's FER2013 faces and the utterances of the recipe's text sets: the metrics of the
 * requested loss, and as baselines the trivial prediction and the same heads fed zeros for what is missing. A face in which a
 * model that looks for faces sees none is encoded as it is: it is one.
 *
 * @throws UndertoneError `data_*` (see openDataset), `unknown_modality`, `eval_option`; the signal's reason
 */
export async function evaluateComposed(options: EvaluateOptions): Promise<EvaluationResult> {
  const {
    model,
    data,
    split,
    missing = {},
    missingLevel = 'sample',
    seed = 0,
    skipBad = false,
    onBad,
    signal,
  } = options;
  const { name, version, sha256, dimension, modalities, emotions } = model.info;
  requireModalities(model, missing);
  refuseOptions(options.dataset, sampleOptions(options));
  const slots = modalities.find(({ kind }) => kind === 'image')?.slots ?? 1;
  let skipped = 0;
  const opened = async (set: string): Promise<Dataset> => {
    signal?.throwIfAborted();
    const dataset = await openDataset(set, data, { skipBad, onBad });
    skipped += dataset.bad.length;
    return dataset;
  };
  const shown = (await opened('fer2013')).samples(split).flatMap(withFace);
  const seen = await encodeShown(model, 'video', shown, { skipBad, onBad, withoutFace: 'middle', signal });
  options.onProgress?.(1, 3);
  const usable = [...shown.keys()].filter((i) => !seen.bad.has(i));
  skipped += seen.bad.size;
  const faces = usable.map((i) => shown[i] as (typeof shown)[number]);
  const utterances: Utterance[] = [];
  for (const { dataset, weight, scores } of compact.texts)
    utterances.push(...readUtterances(await opened(dataset), split, { weight, scores }));
  const draw = clipSource(faces, utterances, { slots, scored: compact.clips.scored, composition: DEFAULT_CLIP });
  const clips = Array.from({ length: CLIPS }, (_, i) => draw(random(seed, 'composed clip', i)));

  const faceRows = new Float32Array(faces.length * dimension);
  for (const [row, i] of usable.entries())
    faceRows.set(seen.rows.subarray(i * dimension, (i + 1) * dimension), row * dimension);
  signal?.throwIfAborted();
  const textRows = await model.encodeTexts(
    'text',
    utterances.map(({ text }) => text),
  );
  options.onProgress?.(2, 3);
  signal?.throwIfAborted();
  const all = clipWindows(
    clips,
    { rows: faceRows, dimension, variants: 1 },
    { rows: textRows, dimension, variants: 1 },
  );
  const lost = all.map((window, i) => loseFrom(window, missing, missingLevel, random(seed, 'composed loss', i)));
  const kept = lost.flatMap((window, i) => (nothingObserved(window) ? [] : [i]));
  const windows = kept.map((i) => lost[i] ?? {});
  const labels = clipTruths(clips);
  const truths = kept.map((i) => labels[i] ?? {});
  const predictions = await model.predictBatch(windows);
  signal?.throwIfAborted();
  const zeros = clipMetrics(await model.predictBatch(windows.map(zeroFilled)), truths, emotions);
  options.onProgress?.(3, 3);
  return {
    dataset: 'composed',
    split,
    n: windows.length,
    insufficient: clips.length - windows.length,
    skipped,
    missing,
    ...levelOf(missing, missingLevel),
    seed,
    bundle: { name, version, sha256 },
    metrics: {
      ...clipMetrics(predictions, truths, emotions),
      // With something missing a virtual embedding may be made of nothing, or of a virtual one.
      ...(Object.values(missing).some((rate) => rate > 0) ? {} : virtualCosines(predictions, windows, modalities)),
    },
    baseline: {
      ...joinTargets(TARGETS.map((target) => [target, trivialBaseline(target, labels, truths)])),
      ...prefixed('zeros', zeros),
    },
    baseline_from: split,
  };
}

function withFace({ id, emotion, image }: Sample) {
  if (emotion === undefined || image === undefined) return [];
  return [{ id, emotion, weight: 1, read: () => ({ kind: 'image', bytes: image() }) as const }];
}
