import type { MetricRecord } from '../evaluation/metrics/metric-record.ts';
import { hasAny, takeRows, type ClipTable } from './clip-table.ts';
import { lossMasks } from './loss.ts';
import { frameMeans } from './method-batch.ts';
import { retrieval, retrievalRecord } from './retrieval.ts';
import type { Predictor } from './train-method.ts';

/** Candidates that each virtual embedding has to find its own among. */
const CANDIDATES = 1000;

/**
 * The inference heads alone: virtual embeddings, made of the other modality, against the real ones of the same clips;
 * of the text, and of the mean over the frames. Beside them what the raw embedding of the other modality finds. Empty of
 * a method that synthesises nothing.
 */
export async function virtualMetrics(predictor: Pick<Predictor, 'predict'>, test: ClipTable): Promise<MetricRecord> {
  const { slots, dimension } = test;
  const whole = Array.from({ length: test.n }, (_, i) => i).filter(
    (i) => test.textMask[i] === 1 && hasAny(test.videoMask, i, slots),
  );
  const table = takeRows(test, whole.slice(0, CANDIDATES));
  if (table.n === 0) return {};
  const without = async (modality: 'video' | 'text') =>
    predictor.predict(table, lossMasks(table, { modality, level: 'sample', rate: 1 }, 'virtual'));
  const video = (await without('video')).outputs.get('virtual_video');
  const text = (await without('text')).outputs.get('virtual_text');
  if (video === undefined || text === undefined) return {};
  const seen = frameMeans(table, table.videoMask);
  const raw = { video: retrieval(table.text, seen, dimension), text: retrieval(seen, table.text, dimension) };
  return {
    ...retrievalRecord('virtual_video', retrieval(video, seen, dimension), raw.video),
    ...retrievalRecord('virtual_text', retrieval(text, table.text, dimension), raw.text),
  };
}
