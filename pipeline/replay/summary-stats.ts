import { mean, meanKnown } from './means.ts';
import { Moments } from './moments.ts';
import type { ModelInfo } from '../../models/model.ts';
import type { Cause, SentimentResult, Source } from '../protocol/index.ts';
import type { ModalitySummary, ReplaySummary, TimeBin } from './summary.ts';

type Stats = Pick<ReplaySummary, 'score' | 'emotions' | 'modalities' | 'over_time'> & {
  readonly by_state: ReplaySummary['predictions']['by_state'];
  readonly by_label: ReplaySummary['predictions']['by_label'];
};

const MAX_BINS = 40;

/** Gathers the figures of a summary from results in their final form; keeps a few numbers of each. */
export class SummaryStats {
  readonly moments: Moments;
  readonly #info: ModelInfo;
  readonly #states = { ok: 0, degraded: 0, insufficient: 0 };
  readonly #labels = { negative: 0, neutral: 0, positive: 0 };
  readonly #emotions = new Map<string, number>();
  readonly #modalities: Map<string, ModalityCounts>;

  constructor(info: ModelInfo) {
    this.#info = info;
    this.moments = new Moments(info);
    this.#modalities = new Map(info.modalities.map(({ name }) => [name, newCounts()]));
  }

  add(result: SentimentResult): void {
    this.#states[result.state]++;
    if (result.label !== null) this.#labels[result.label]++;
    for (const [name, share] of Object.entries(result.emotions ?? {}))
      this.#emotions.set(name, (this.#emotions.get(name) ?? 0) + share);
    for (const [name, counts] of this.#modalities) {
      const provenance = result.modalities[name];
      if (provenance === undefined) continue;
      counts.sources[provenance.source]++;
      counts.coverage += provenance.coverage;
      if (provenance.cause !== null)
        counts.causes.set(provenance.cause, (counts.causes.get(provenance.cause) ?? 0) + 1);
    }
    this.moments.add(result);
  }

  summarize(durationMs: number, hopMs: number): Stats {
    const scores = this.moments.all.flatMap(({ score }) => (score === null ? [] : [score])).sort((a, b) => a - b);
    return {
      by_state: { ...this.#states },
      by_label: { ...this.#labels },
      score: scores.length === 0 ? null : distribution(scores),
      emotions:
        scores.length === 0
          ? null
          : Object.fromEntries([...this.#emotions].map(([name, sum]) => [name, round(sum / scores.length)])),
      modalities: Object.fromEntries(
        [...this.#modalities].map(([name, counts]) => [name, shares(counts, this.moments.all.length)]),
      ),
      over_time: this.#bins(durationMs, hopMs),
    };
  }

  #bins(durationMs: number, hopMs: number): TimeBin[] {
    const count = Math.min(MAX_BINS, Math.floor(durationMs / hopMs));
    return this.moments.parts(count, durationMs / count).map(({ startMs, endMs, moments }) => ({
      start_ms: Math.round(startMs),
      end_ms: Math.round(endMs),
      score: roundKnown(meanKnown(moments.map(({ score }) => score))),
      coverage: Object.fromEntries(
        this.#info.modalities.map(({ name }, i) => {
          const sum = moments.reduce((total, { coverage }) => total + (coverage[i] ?? 0), 0);
          return [name, round(sum / Math.max(1, moments.length))];
        }),
      ),
    }));
  }
}

interface ModalityCounts {
  readonly sources: Record<Source, number>;
  readonly causes: Map<Cause, number>;
  coverage: number;
}

function newCounts(): ModalityCounts {
  return { sources: { observed: 0, virtual: 0, mixed: 0, absent: 0 }, causes: new Map(), coverage: 0 };
}

function shares({ sources, causes, coverage }: ModalityCounts, total: number): ModalitySummary {
  // What there is once in a day of results is not 0, nor is all but one of them 1.
  const share = (count: number): number => Math.round((count / Math.max(1, total)) * 1e6) / 1e6;
  return {
    sources: {
      observed: share(sources.observed),
      virtual: share(sources.virtual),
      mixed: share(sources.mixed),
      absent: share(sources.absent),
    },
    coverage: share(coverage),
    causes: Object.fromEntries([...causes].map(([cause, count]) => [cause, share(count)])),
  };
}

/** @param sorted ascending, not empty */
function distribution(sorted: readonly number[]): NonNullable<ReplaySummary['score']> {
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const below = sorted[Math.floor(place)] ?? 0;
    const above = sorted[Math.ceil(place)] ?? 0;
    return round(below + (above - below) * (place - Math.floor(place)));
  };
  return {
    mean: round(mean(sorted)),
    min: at(0),
    max: at(1),
    p05: at(0.05),
    p25: at(0.25),
    p50: at(0.5),
    p75: at(0.75),
    p95: at(0.95),
  };
}

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}

function roundKnown(value: number | null): number | null {
  return value === null ? null : round(value);
}
