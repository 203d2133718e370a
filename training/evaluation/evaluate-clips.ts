import { cosine } from '../../models/cosine.ts';
import {
  SENTIMENTS,
  type ModalitySpec,
  type Prediction,
  type SentimentModel,
  type WindowInput,
} from '../../models/model.ts';
import { random } from '../../models/random.ts';
import { softmax } from '../../models/softmax.ts';
import type { LabelledClip } from '../pools/clip-set.ts';
import { embeddingRow, type Embeddings } from '../stages/embed-stage.ts';
import type { MetricRecord } from './metrics/metric-record.ts';
import { roundedMetrics } from './metrics/metric-record.ts';
import { loseFrom, presencePattern, type MissingLevel, type MissingRates } from './presence.ts';
import { joinTargets, scorePredictions, type Truth } from './score-predictions.ts';

/** What is lost from composed clips, by the name of the pattern. */
export const CLIP_PATTERNS: Readonly<Record<string, { readonly missing: MissingRates; readonly level: MissingLevel }>> =
  {
    none: { missing: {}, level: 'sample' },
    'text=1': { missing: { text: 1 }, level: 'sample' },
    'video=1': { missing: { video: 1 }, level: 'sample' },
    'video=0.5 per slot': { missing: { video: 0.5 }, level: 'slot' },
    'video=0.9 per slot': { missing: { video: 0.9 }, level: 'slot' },
    'text=1, video=0.5 per slot': { missing: { text: 1, video: 0.5 }, level: 'slot' },
  };

/** Windows of clips from embeddings, everything observed. */
export function clipWindows(clips: readonly LabelledClip[], faces: Embeddings, texts: Embeddings): WindowInput[] {
  return clips.map((clip) => {
    const { dimension } = faces;
    const video = new Float32Array(clip.faces.length * dimension);
    for (const [slot, face] of clip.faces.entries()) video.set(embeddingRow(faces, face), slot * dimension);
    return {
      video: { embeddings: video, mask: new Float32Array(clip.faces.length).fill(1) },
      text: { embeddings: embeddingRow(texts, clip.utterance * texts.variants), mask: Float32Array.of(1) },
    };
  });
}

export function clipTruths(clips: readonly LabelledClip[]): Truth[] {
  return clips.map(({ score, sentiment, emotion, hasEmotion }) => ({
    score,
    sentiment,
    emotion: hasEmotion ? emotion : undefined,
  }));
}

/** The windows after a pattern's loss; a clip that would lose everything keeps what it had. */
export function losePattern(windows: readonly WindowInput[], pattern: string, seed: number): WindowInput[] {
  const { missing = {}, level = 'sample' } = CLIP_PATTERNS[pattern] ?? {};
  return windows.map((window, i) => {
    const lost = loseFrom(window, missing, level, random(seed, 'clip loss', pattern, i));
    return Object.values(lost).some(({ mask }) => mask.some((value) => value > 0)) ? lost : window;
  });
}

/**
 * Predictions of windows after every pattern's loss, with the window's index, by the presence pattern that the loss left. A
 * window of which a pattern takes nothing is there as it was, once.
 */
export async function predictByPresence(
  model: SentimentModel,
  windows: readonly WindowInput[],
  seed: number,
): Promise<ReadonlyMap<string, readonly { readonly prediction: Prediction; readonly index: number }[]>> {
  const groups = new Map<string, { prediction: Prediction; index: number }[]>();
  for (const pattern of Object.keys(CLIP_PATTERNS)) {
    const lost = [...losePattern(windows, pattern, seed).entries()].filter(
      ([index, window]) => pattern === 'none' || observedSlots(window) < observedSlots(windows[index] ?? {}),
    );
    const predictions = await model.predictBatch(lost.map(([, window]) => window));
    for (const [i, [index, window]] of lost.entries()) {
      const prediction = predictions[i] as Prediction;
      const key = presencePattern(window, model.info.modalities);
      const group = groups.get(key) ?? [];
      groups.set(key, group);
      group.push({ prediction, index });
    }
  }
  return groups;
}

function observedSlots(window: WindowInput): number {
  return Object.values(window).reduce((sum, { mask }) => sum + mask.filter((value) => value > 0).length, 0);
}

/** Emotion, sentiment and score of predictions on clips, plus the negative log-likelihood of the sentiment: null of none. */
export function clipMetrics(
  predictions: readonly Prediction[],
  truths: readonly Truth[],
  emotions: readonly string[],
): MetricRecord {
  const likelihoods = predictions.flatMap((prediction, i) => {
    const label = SENTIMENTS.findIndex((name) => name === truths[i]?.sentiment);
    return label < 0 ? [] : [-Math.log(softmax(prediction.sentimentLogits)[label] ?? 1)];
  });
  const nll = likelihoods.reduce((a, b) => a + b, 0) / likelihoods.length;
  return {
    ...joinTargets(
      (['emotion', 'sentiment', 'score'] as const).map((target) => [
        target,
        scorePredictions(target, predictions, truths, emotions),
      ]),
    ),
    ...roundedMetrics({ sentiment_nll: nll }),
  };
}

/** Cosine of virtual with observed embeddings per modality, over clips of which everything is known; null of none. */
export function virtualCosines(
  predictions: readonly Prediction[],
  windows: readonly WindowInput[],
  modalities: readonly ModalitySpec[],
): MetricRecord {
  const means = modalities.map(({ name, slots }) => {
    const total = predictions.reduce((sum, { virtual }, i) => {
      const { embeddings = new Float32Array() } = windows[i]?.[name] ?? {};
      const synthesised = virtual[name] ?? new Float32Array();
      const d = synthesised.length;
      const observed = synthesised.map((_, k) => {
        let value = 0;
        for (let slot = 0; slot < slots; slot++) value += embeddings[slot * d + k] ?? 0;
        return value;
      });
      return sum + cosine(synthesised, observed);
    }, 0);
    return [`cosine_${name}`, total / predictions.length] as const;
  });
  return roundedMetrics(Object.fromEntries(means));
}
