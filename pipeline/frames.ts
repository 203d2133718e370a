import type { ImageInput } from '../models/model.ts';
import type {
  Caption,
  ErrorCode,
  Loss,
  Metrics,
  ModalityReunion,
  ModalityState,
  SentimentResult,
  SentimentRevised,
  SessionTotals,
} from './protocol/index.ts';
import type { Observable } from 'rxjs';

/**
 * What moves through the pipeline. Data first, then control; each with its delivery rule.
 */

/**
 * Live: the newest frame wins and the rest are counted as dropped. Replay: every frame is encoded, in order. In both,
 * a frame less than half a hop (or half a slot) after an encoded one is not needed and counted as `decimated`.
 */
export interface FrameInput {
  readonly kind: 'frame';
  readonly seq: number;
  readonly ptsMs: number;
  readonly image: ImageInput;
}

/** Never dropped. */
export interface CaptionInput {
  readonly kind: 'caption';
  readonly caption: Caption;
}

/** Applied in the order of arrival, never dropped. */
export interface ModalityInput {
  readonly kind: 'modality';
  readonly modality: string;
  /** `ended`: nothing more of it is to come, unless something does. */
  readonly state?: 'active' | 'paused' | 'ended' | undefined;
  readonly loss?: Loss | null | undefined;
}

/** The client is alive; a caption stream that is quiet after one is silent, not broken. */
export interface KeepaliveInput {
  readonly kind: 'keepalive';
}

export type PipelineInput = FrameInput | CaptionInput | ModalityInput | KeepaliveInput;

/** A bad input: reported, counted, and nothing else is lost. */
export interface Problem {
  readonly type: 'warning' | 'error';
  readonly code: ErrorCode;
  readonly message: string;
  readonly fatal: boolean;
  readonly ref?: string | number;
}

export type PipelineOutput = SentimentResult | SentimentRevised | ModalityState | ModalityReunion | Metrics | Problem;

/** Wall time in milliseconds, monotonic; tests pass a virtual one. */
export interface Clock {
  now(): number;
  /** Calls back once after `delayMs`; returns the cancellation. */
  schedule(delayMs: number, callback: () => void): () => void;
}

export interface SessionOptions {
  /** `live` follows the wall clock and drops frames under load; `replay` follows the inputs' times and loses nothing. */
  readonly mode: 'live' | 'replay';
  /** Media time between predictions; the bundle's default when absent. */
  readonly hopMs?: number;
  /** Weight of the past in the exponential smoothing of the score, [0, 0.99]. */
  readonly smoothing?: number;
  /** Every result also tells the scores of one modality alone and of zeros in the place of synthesis. */
  readonly counterfactuals?: boolean;
  /** How late a caption may come and still revise results, media time; 3,000 when absent. */
  readonly latenessMs?: number;
  /** Media time that hops count from; that of the first media when absent. A recording's is 0, whatever comes first. */
  readonly originMs?: number;
  readonly clock?: Clock;
}

/** One stream of predictions for one person: private state over a shared model. */
export interface SentimentSession {
  /** Hot; completes after `close`. Subscribe before the first `push`. */
  readonly outputs: Observable<PipelineOutput>;
  /**
   * Accepts one input; resolves when it has settled (encoded, applied or dropped) and never rejects for bad input,
   * which comes out as a {@link Problem}. In replay mode awaiting it is the back-pressure.
   */
  push(input: PipelineInput): Promise<void>;
  /** Predicts everything up to `mediaMs` (default: the newest media time); resolves when those results are out. */
  finalize(mediaMs?: number): Promise<void>;
  /** The same where inputs are to come after `mediaMs`: what is missing until then has not `ended`. */
  advance(mediaMs: number): Promise<void>;
  totals(): SessionTotals;
  /** Finalizes, stops every timer, completes `outputs`. Idempotent. */
  close(): Promise<SessionTotals>;
}
