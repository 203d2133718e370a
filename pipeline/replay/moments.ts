import type { ModelInfo } from '../../models/model.ts';
import type { SentimentLabel, SentimentResult, Source } from '../protocol/index.ts';

/** What is kept of a result in its final form. */
export interface Moment {
  readonly ptsMs: number;
  /** Null where there was nothing to predict from; then the label and the confidence are, too. */
  readonly score: number | null;
  readonly label: SentimentLabel | null;
  readonly confidence: number | null;
  /** Per modality, in the order of the model's. */
  readonly coverage: Float32Array;
  readonly sources: readonly Source[];
  /** The scores from each modality alone, in the same order; null where it has none, and empty without counterfactuals. */
  readonly alone: readonly (number | null)[];
}

/** A part of a recording and the results in it, in the order of their time. */
export interface Part {
  readonly startMs: number;
  readonly endMs: number;
  readonly moments: readonly Moment[];
}

/** The results of a recording, a few numbers of each. */
export class Moments {
  readonly all: Moment[] = [];
  readonly #names: readonly string[];

  constructor(info: ModelInfo) {
    this.#names = info.modalities.map(({ name }) => name);
  }

  add({ pts_ms: ptsMs, score, label, confidence, modalities, counterfactuals }: SentimentResult): void {
    const names = this.#names;
    const coverage = Float32Array.from(names, (name) => modalities[name]?.coverage ?? 0);
    const sources = names.map((name) => modalities[name]?.source ?? 'absent');
    const alone = counterfactuals === undefined ? [] : names.map((name) => counterfactuals.only[name] ?? null);
    this.all.push({ ptsMs, score, label, confidence, coverage, sources, alone });
  }

  /** From 0 on. A result stands for the hop that ends at its time. */
  parts(count: number, widthMs: number): Part[] {
    const parts = Array.from({ length: count }, (_, i) => ({
      startMs: i * widthMs,
      endMs: (i + 1) * widthMs,
      moments: [] as Moment[],
    }));
    for (const moment of this.all)
      parts[Math.min(count - 1, Math.max(0, Math.floor((moment.ptsMs - 1) / widthMs)))]?.moments.push(moment);
    return parts;
  }
}
