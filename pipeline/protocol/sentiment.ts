import * as z from 'zod';
import { Cause, MediaTimeMs, ModalityName, Probability, ResultState, SentimentLabel, Source } from './primitives.ts';

/** What one modality's part in a prediction was made from. */
export const ModalityProvenance = z.object({
  source: Source,
  /** Why something was not observed; null when everything was. */
  cause: Cause.nullable(),
  /** Share of the window's slots that were observed, [0, 1]. */
  coverage: Probability,
  /** Media time since the newest observation; null before the first. */
  age_ms: MediaTimeMs.nullable(),
  /** Running agreement of synthesis with observation for this session, [-1, 1]; null until measured. */
  fidelity: z.number().min(-1).max(1).nullable(),
  /** Text only: whether every caption in the window is final. */
  is_final: z.boolean().optional(),
});
export type ModalityProvenance = z.infer<typeof ModalityProvenance>;

export const Latency = z.object({
  /** Wall time waiting for a worker. */
  queue: z.number().min(0),
  encode: z.number().min(0),
  predict: z.number().min(0),
  /** From the newest input of the window reaching the server to the result leaving it. */
  total: z.number().min(0),
});

/** Scores of the same window made from other inputs, in one batch with it; not smoothed. */
export const Counterfactuals = z.object({
  /** As the heads gave it; null when the state is `insufficient`, and so are the others. */
  as_is: z.number().min(-3).max(3).nullable(),
  /** By modality: from that one alone, the others synthesised; null where nothing of it was observed. */
  only: z.record(ModalityName, z.number().min(-3).max(3).nullable()),
  /** With zeros in the place of everything that is synthesised. */
  zero_filled: z.number().min(-3).max(3).nullable(),
});
export type Counterfactuals = z.infer<typeof Counterfactuals>;

export const SentimentBody = z.object({
  /** Counts results of a session from 0, revisions included. */
  seq: z.int().min(0),
  /** Media time that the prediction is for. */
  pts_ms: MediaTimeMs,
  window: z.object({ start_ms: MediaTimeMs, end_ms: MediaTimeMs }),
  state: ResultState,
  /** Sentiment in [-3, 3]; this and the next four are null when the state is `insufficient`. */
  score: z.number().min(-3).max(3).nullable(),
  label: SentimentLabel.nullable(),
  probs: z.record(SentimentLabel, Probability).nullable(),
  emotions: z.record(z.string(), Probability).nullable(),
  confidence: Probability.nullable(),
  modalities: z.record(ModalityName, ModalityProvenance),
  /** In every result of a session that asked for it. */
  counterfactuals: Counterfactuals.optional(),
  latency_ms: Latency,
});
export type SentimentBody = z.infer<typeof SentimentBody>;

export const SentimentResult = SentimentBody.extend({ type: z.literal('sentiment.result') });
export type SentimentResult = z.infer<typeof SentimentResult>;

/** A late or corrected caption changed an earlier window; replaces the result `supersedes`. */
export const SentimentRevised = SentimentBody.extend({
  type: z.literal('sentiment.revised'),
  supersedes: z.int().min(0),
});
export type SentimentRevised = z.infer<typeof SentimentRevised>;
