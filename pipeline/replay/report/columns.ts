import type { ModelInfo } from '../../../models/model.ts';
import type { SentimentLabel, Source } from '../../protocol/index.ts';
import type { Moment, Moments } from '../moments.ts';

/** One column of the picture: a result, or several next to each other where a recording is long. */
export interface Column {
  readonly startMs: number;
  readonly endMs: number;
  /** Mean, least and greatest; null where nothing was predicted. */
  readonly score: { readonly mean: number; readonly low: number; readonly high: number } | null;
  /** The most frequent one and the mean confidence. */
  readonly label: SentimentLabel | null;
  readonly confidence: number | null;
  /** Per modality: of differing results, `mixed` where something was observed and `virtual` where not. */
  readonly sources: Readonly<Record<string, Source>>;
}

/** More do not fit on a screen; a result of the default hop has its own in the first five minutes. */
const MOST = 1200;

/** The results as columns of equal width over the duration. */
export function columnsOf(moments: Moments, info: ModelInfo, durationMs: number, hopMs: number): Column[] {
  return moments.parts(MOST, durationMs, hopMs).map(({ startMs, endMs, moments: own }) => {
    const scored = own.flatMap(({ score }) => (score === null ? [] : [score]));
    const confidences = own.flatMap(({ confidence }) => (confidence === null ? [] : [confidence]));
    return {
      startMs,
      endMs,
      score: scored.length === 0 ? null : { mean: mean(scored), low: Math.min(...scored), high: Math.max(...scored) },
      label: mostFrequent(own.flatMap(({ label }) => (label === null ? [] : [label]))),
      confidence: confidences.length === 0 ? null : mean(confidences),
      sources: Object.fromEntries(info.modalities.map(({ name }, i) => [name, together(own, i)])),
    };
  });
}

function together(moments: readonly Moment[], modality: number): Source {
  const [first = 'absent', ...others] = new Set(moments.map(({ sources }) => sources[modality] ?? 'absent'));
  if (others.length === 0) return first;
  return [first, ...others].some((source) => source === 'observed' || source === 'mixed') ? 'mixed' : 'virtual';
}

function mostFrequent(labels: readonly SentimentLabel[]): SentimentLabel | null {
  const counts = new Map<SentimentLabel, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
