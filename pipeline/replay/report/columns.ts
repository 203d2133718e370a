import { mean, meanKnown } from '../means.ts';
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
  /** Mean score from a modality alone; null where it has none. None of this without counterfactuals. */
  readonly alone: Readonly<Record<string, number | null>>;
}

/** More do not fit on a screen; a result of the default hop has its own in the first five minutes. */
const MOST = 1200;

/** The results as columns of the same number of hops, of which the last may have fewer; each ends at the time of its last result. */
export function columnsOf(moments: Moments, info: ModelInfo, durationMs: number, hopMs: number): Column[] {
  const counterfactual = moments.all.some(({ alone }) => alone.length > 0);
  const compared = counterfactual ? info.modalities : [];
  const hops = Math.floor(durationMs / hopMs);
  const each = Math.max(1, Math.ceil(hops / MOST));
  return moments.parts(Math.ceil(hops / each), each * hopMs).map(({ startMs, endMs, moments: own }) => {
    const scored = known(own.map(({ score }) => score));
    return {
      startMs,
      endMs: Math.min(endMs, hops * hopMs),
      score: scored.length === 0 ? null : { mean: mean(scored), low: Math.min(...scored), high: Math.max(...scored) },
      label: mostFrequent(known(own.map(({ label }) => label))),
      confidence: meanKnown(own.map(({ confidence }) => confidence)),
      sources: Object.fromEntries(info.modalities.map(({ name }, i) => [name, together(own, i)])),
      alone: Object.fromEntries(
        compared.map(({ name }, i) => [name, meanKnown(own.map(({ alone }) => alone[i] ?? null))]),
      ),
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

function known<T>(values: readonly (T | null)[]): T[] {
  return values.flatMap((value) => (value === null ? [] : [value]));
}
