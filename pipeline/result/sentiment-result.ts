import { SENTIMENTS } from '../../models/model.ts';
import { softmax } from '../../models/softmax.ts';
import { clipScore } from './clip-score.ts';
import { temperatureFor } from './calibration.ts';
import { hundredths } from './hundredths.ts';
import { told } from './told.ts';
import type { ModelInfo, Prediction } from '../../models/model.ts';
import type { SessionContext } from '../context.ts';
import type { PredictedEvent, Snapshot } from '../events.ts';
import type { ModalityProvenance, SentimentResult } from '../protocol/index.ts';

type Said = Pick<SentimentResult, 'label' | 'probs' | 'emotions' | 'confidence'>;

const NOTHING: Said = { label: null, probs: null, emotions: null, confidence: null };

/** The score as the heads gave it, clipped to [-3, 3]; null where nothing was predicted. */
export function scoreOf(prediction: Prediction | null): number | null {
  return prediction === null ? null : clipScore(prediction.score);
}

/**
 * A result with its number and its score, smoothed or not.
 *
 * `probs` is the softmax of the sentiment logits at the temperature of the presence pattern, `label` its largest and
 * `confidence` that one's probability: the predicted variance of the score is left out of it, because the temperature
 * was fitted on validation data without it.
 */
export function sentimentResult(
  context: SessionContext,
  event: PredictedEvent,
  modalities: Record<string, ModalityProvenance>,
  { seq, score }: { readonly seq: number; readonly score: number | null },
): SentimentResult {
  const { snapshot, prediction, counterfactuals } = event;
  const { info } = context.model;
  const complete = Object.values(modalities).every((modality) => modality.source === 'observed');
  const { label, probs, emotions, confidence } =
    prediction === null ? NOTHING : said(info, prediction, temperatureFor(info, modalities));
  const result: SentimentResult = {
    type: 'sentiment.result',
    seq,
    pts_ms: snapshot.ptsMs,
    window: { start_ms: Math.max(0, snapshot.ptsMs - info.windowMs), end_ms: snapshot.ptsMs },
    state: prediction === null ? 'insufficient' : complete ? 'ok' : 'degraded',
    score: told(score),
    label,
    probs,
    emotions,
    confidence,
    modalities,
    latency_ms: latencyOf(context, snapshot, prediction),
  };
  return counterfactuals === null ? result : { ...result, counterfactuals };
}

function said(info: ModelInfo, prediction: Prediction, temperature: number): Said {
  const probs = softmax(prediction.sentimentLogits, temperature);
  const best = probs.indexOf(Math.max(...probs));
  const emotions = softmax(prediction.emotionLogits);
  return {
    label: SENTIMENTS[best] ?? 'neutral',
    probs: { negative: told(probs[0] ?? 0), neutral: told(probs[1] ?? 0), positive: told(probs[2] ?? 0) },
    emotions: Object.fromEntries(info.emotions.map((name, i) => [name, told(emotions[i] ?? 0)])),
    confidence: told(probs[best] ?? 0),
  };
}

/** `total` runs from the newest input's arrival; an input older than one hop was answered by an earlier result. */
function latencyOf(
  { clock, settings }: SessionContext,
  snapshot: Snapshot,
  prediction: Prediction | null,
): SentimentResult['latency_ms'] {
  const newestMs = Math.max(...snapshot.modalities.map((modality) => modality.arrivedMs ?? -Infinity));
  const sinceMs = Math.max(newestMs, snapshot.firedMs - settings.hopMs);
  return {
    queue: hundredths(Math.max(prediction?.timing.queueMs ?? 0, ...snapshot.modalities.map(({ queueMs }) => queueMs))),
    encode: hundredths(Math.max(0, ...snapshot.modalities.map(({ encodeMs }) => encodeMs))),
    predict: hundredths(prediction?.timing.computeMs ?? 0),
    total: hundredths(Math.max(0, clock.now() - sinceMs)),
  };
}
