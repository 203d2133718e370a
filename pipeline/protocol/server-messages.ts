import * as z from 'zod';
import { CloseCode } from './close-codes.ts';
import { ErrorCode } from './error-codes.ts';
import { Cause, MediaTimeMs, ModalityName, PROTOCOL_VERSION } from './primitives.ts';
import { SentimentResult, SentimentRevised } from './sentiment.ts';

export const SessionInfo = z.object({
  protocol: z.literal(PROTOCOL_VERSION),
  session_id: z.string(),
  bundle: z.object({
    name: z.string(),
    version: z.string(),
    sha256: z.string(),
    modalities: z.array(z.object({ name: ModalityName, kind: z.string(), slots: z.int() })),
    emotions: z.array(z.string()),
    /** Whether probabilities were fitted to labels; servers before it was told leave it out. */
    calibrated: z.boolean().optional(),
  }),
  device: z.object({ provider: z.string(), name: z.string(), workers: z.int() }),
  window_ms: z.int(),
  hop_ms: z.int(),
  smoothing: z.number(),
  counterfactuals: z.boolean(),
  limits: z.object({
    max_message_bytes: z.int(),
    max_frames_per_s: z.number(),
    max_bytes_per_s: z.number(),
    max_image_width: z.int(),
    max_image_height: z.int(),
    /** Of a WebP, PNG or progressive JPEG, which are decoded whole. */
    max_whole_pixels: z.int(),
    idle_ms: z.int(),
  }),
  resume_token: z.string(),
  /** Lets others `observe` this session on socket.io. */
  observe_token: z.string().optional(),
});
export const SessionCreated = SessionInfo.extend({ type: z.literal('session.created') });
export const SessionUpdated = SessionInfo.extend({ type: z.literal('session.updated') });

/** How many more frames the server wants now. */
export const Credit = z.object({ type: z.literal('credit'), frames: z.int().min(0) });

/** A modality became observed, virtual or absent; sent once per change. */
export const ModalityState = z.object({
  type: z.literal('modality.state'),
  modality: ModalityName,
  state: z.enum(['observed', 'virtual', 'absent']),
  cause: Cause.nullable(),
  pts_ms: MediaTimeMs,
});
export type ModalityState = z.infer<typeof ModalityState>;

/** A modality is back: how well its last virtual embedding matched the first observed one. */
export const ModalityReunion = z.object({
  type: z.literal('modality.reunion'),
  modality: ModalityName,
  pts_ms: MediaTimeMs,
  /** Media time that the modality was virtual for. */
  gap_ms: MediaTimeMs,
  cosine: z.number().min(-1).max(1),
  /** First score with the modality observed minus the last one without. */
  score_jump: z.number().min(-6).max(6),
});
export type ModalityReunion = z.infer<typeof ModalityReunion>;

/** `received = encoded + sum(dropped)` once everything in flight has settled. */
export const FrameAccounting = z.object({
  received: z.int().min(0),
  encoded: z.int().min(0),
  in_flight: z.int().min(0),
  dropped: z.record(z.string(), z.int().min(0)),
});
export type FrameAccounting = z.infer<typeof FrameAccounting>;

const Percentiles = z.object({ p50: z.number(), p95: z.number() });

export const SessionTotals = z.object({
  frames: FrameAccounting,
  captions: z.int().min(0),
  /** Those of the captions that injected loss took away; absent where it took none. */
  captions_injected: z.int().min(1).optional(),
  results: z.int().min(0),
  revisions: z.int().min(0),
  errors: z.int().min(0),
  media_ms: MediaTimeMs,
});
export type SessionTotals = z.infer<typeof SessionTotals>;

/** How the results of a session and of its shadow agree, where both were made from the same. */
export const ShadowAgreement = z.object({
  results: z.int().min(1),
  /** Share with the same label. */
  same_label: z.number().min(0).max(1),
  /** Mean absolute difference of the scores. */
  score_difference: z.number().min(0).max(6),
  /** Pearson's, of the scores; null where either side is constant. */
  correlation: z.number().min(-1).max(1).nullable(),
});
export type ShadowAgreement = z.infer<typeof ShadowAgreement>;

/** A second bundle that runs on the same media, for comparison. */
export const ShadowMetrics = z.object({
  bundle: z.object({ name: z.string(), version: z.string() }),
  /** Frames and captions that it was not given because it was behind, or has failed. */
  skipped: z.int().min(0),
  /** It predicts nothing: its pipeline has ended, or none of its processes runs or comes back, for now. */
  failed: z.boolean(),
  /** `observed` while everything is, and per modality while that one is virtual; what never occurred is absent. */
  agreement: z.record(z.string(), ShadowAgreement),
});
export type ShadowMetrics = z.infer<typeof ShadowMetrics>;

/** Once a second. */
export const Metrics = SessionTotals.extend({
  type: z.literal('metrics'),
  latency_ms: z.object({ encode: Percentiles, predict: Percentiles, total: Percentiles }),
  /** Median of caption end minus newest frame on arrival; null before both were seen. */
  skew_ms: z.number().nullable(),
  /** Where the server runs a second bundle in the shadow of this one. */
  shadow: ShadowMetrics.optional(),
});
export type Metrics = z.infer<typeof Metrics>;

const Problem = {
  code: ErrorCode,
  message: z.string(),
  fatal: z.boolean(),
  /** What it is about: a frame's `seq`, a caption's `segment_id`. */
  ref: z.union([z.string(), z.number()]).optional(),
  request_id: z.string(),
};
export const Warning = z.object({ type: z.literal('warning'), ...Problem });
export const ErrorMessage = z.object({ type: z.literal('error'), ...Problem });
export type ErrorMessage = z.infer<typeof ErrorMessage>;

export const SessionClosed = z.object({
  type: z.literal('session.closed'),
  code: CloseCode,
  reason: z.string(),
  totals: SessionTotals,
});
export type SessionClosed = z.infer<typeof SessionClosed>;

export const ServerMessage = z.discriminatedUnion('type', [
  SessionCreated,
  SessionUpdated,
  Credit,
  SentimentResult,
  SentimentRevised,
  ModalityState,
  ModalityReunion,
  Metrics,
  Warning,
  ErrorMessage,
  SessionClosed,
]);
export type ServerMessage = z.infer<typeof ServerMessage>;
