import { rgb, type Picture } from '../augment/picture.ts';
import { openDataset } from '../datasets/open-dataset.ts';
import { resolveSplit } from '../datasets/splits.ts';
import type { OnBad } from '../datasets/sink.ts';
import { readBackgrounds } from '../pools/background-pool.ts';
import { PICTURES } from '../recipes/compact.ts';
import { sortPictures } from '../stages/sort-pictures.ts';
import { openFaceDetector } from '../teacher/face-detector.ts';
import type { EvaluateOptions, EvaluationResult } from './evaluate.ts';
import { refuseOptions, sampleOptions } from './check-options.ts';
import { classificationReport } from './metrics/classification-report.ts';
import { classificationRecord, type MetricRecord } from './metrics/metric-record.ts';
import { majorityClass } from './metrics/trivial-baseline.ts';

const FACE = 'face';
const NO_FACE = 'no_face';

/**
 * Whether a model sees a face in the pictures of MVSA, as a published detector tells it; pictures of which that is not sure
 * are left out. Training sees nine tenths of the pictures (`train`), a tenth is `val`. Nothing is predicted, so nothing can be
 * missing. A model that does not look for faces sees one everywhere.
 *
 * @throws UndertoneError `data_*` (see openDataset), `eval_option`, `teacher_missing`; the signal's reason
 */
export async function evaluatePictures(options: EvaluateOptions): Promise<EvaluationResult> {
  const { model, data, missing = {}, skipBad = false } = options;
  const { name, version, sha256, modalities } = model.info;
  refuseOptions(options.dataset, {
    '--missing': Object.keys(missing).length === 0 ? undefined : missing,
    ...sampleOptions(options),
  });
  const split = resolveSplit(PICTURES.dataset, options.split, ['train', 'val']) as 'train' | 'val';
  const dataset = await openDataset(PICTURES.dataset, data, { skipBad, onBad: options.onBad });
  let unreadable = 0;
  const countBad: OnBad = (error) => {
    unreadable++;
    options.onBad?.(error);
  };
  const pictures = await readBackgrounds(dataset, split, PICTURES.n, skipBad ? countBad : undefined, options.signal);
  const detector = await openFaceDetector();
  let sorted;
  try {
    sorted = await sortPictures(pictures, {
      detector,
      config: PICTURES.sort,
      onSorted: options.onProgress,
      signal: options.signal,
    });
  } finally {
    await detector.close();
  }
  const modality = modalities.find(({ kind }) => kind === 'image')?.name ?? 'video';
  const seen = async (shown: readonly Picture[]): Promise<string[]> => {
    const images = shown.map((picture) => ({ kind: 'rgb' as const, ...rgb(picture) }));
    const { failures } = await model.encodeImages(modality, images, { withoutFace: 'refuse' });
    const unseen = new Set(failures.filter(({ error }) => error.code === NO_FACE).map(({ index }) => index));
    return shown.map((_, i) => (unseen.has(i) ? NO_FACE : FACE));
  };
  const portraits = sorted.portraits.map(({ picture }) => picture);
  const truth = [...portraits.map(() => FACE), ...sorted.faceless.map(() => NO_FACE)];
  const predicted = [...(await seen(portraits)), ...(await seen(sorted.faceless))];
  const most = majorityClass(truth) ?? FACE;
  const metricsOf = (said: readonly string[]): MetricRecord => classificationRecord(classificationReport(said, truth));
  return {
    dataset: 'pictures',
    split,
    n: truth.length,
    insufficient: pictures.length - truth.length,
    skipped: dataset.bad.length + unreadable,
    missing: {},
    seed: 0,
    bundle: { name, version, sha256 },
    metrics: metricsOf(predicted),
    baseline: metricsOf(truth.map(() => most)),
    baseline_from: split,
  };
}
