import type { DeviceInfo, ModelInfo } from '../../models/model.ts';
import type { Cause, Loss, ResultState, SentimentLabel, SessionTotals, Source } from '../protocol/index.ts';

/** `summary.json`: what was replayed, how, and what came out. */
export interface ReplaySummary {
  readonly format: 1;
  /** `partial`: the video could not be decoded to its end, or predictions failed; the warnings say which. */
  readonly status: 'complete' | 'partial';
  readonly bundle: Pick<ModelInfo, 'name' | 'version' | 'sha256'>;
  readonly device: DeviceInfo;
  readonly input: {
    readonly video: string | null;
    readonly codec: string | null;
    readonly captions: string | null;
    readonly captions_source: 'file' | 'embedded' | 'none';
    readonly segments: number;
    /** Media time that predictions were due for. */
    readonly duration_ms: number;
  };
  readonly options: {
    readonly hop_ms: number;
    readonly frame_interval_ms: number;
    readonly smoothing: number;
    readonly counterfactuals: boolean;
    readonly seed: number;
    readonly drop: Readonly<Record<string, Loss>>;
  };
  readonly predictions: {
    /** One per hop of the duration. */
    readonly expected: number;
    readonly written: number;
    readonly by_state: Readonly<Record<ResultState, number>>;
    /** By the likeliest class, which is an output of its own beside the score: their signs can differ. */
    readonly by_label: Readonly<Record<SentimentLabel, number>>;
  };
  readonly totals: SessionTotals;
  /** Of the scores, in [-3, 3]; null where nothing was predicted. */
  readonly score: Readonly<Record<'mean' | 'min' | 'max' | 'p05' | 'p25' | 'p50' | 'p75' | 'p95', number>> | null;
  /** Mean probability of each emotion. */
  readonly emotions: Readonly<Record<string, number>> | null;
  readonly modalities: Readonly<Record<string, ModalitySummary>>;
  /** At most 40 equal parts of the duration. */
  readonly over_time: readonly TimeBin[];
  readonly warnings: readonly ReplayWarning[];
  readonly wall_ms: number;
  /** Media time over wall time. */
  readonly speed: number;
}

export interface ModalitySummary {
  /** Shares of the predictions; they add up to 1. */
  readonly sources: Readonly<Record<Source, number>>;
  /** Mean share of slots that were observed. */
  readonly coverage: number;
  /** Share of the predictions in which something was missing for that reason. */
  readonly causes: Readonly<Partial<Record<Cause, number>>>;
}

export interface TimeBin {
  readonly start_ms: number;
  readonly end_ms: number;
  /** Mean; null where nothing was predicted. */
  readonly score: number | null;
  /** Mean coverage per modality. */
  readonly coverage: Readonly<Record<string, number>>;
}

export interface ReplayWarning {
  readonly code: string;
  /** Of the first one. */
  readonly message: string;
  readonly count: number;
}
