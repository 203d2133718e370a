import * as z from 'zod';

export const PROTOCOL_VERSION = 1;

/** Media time: whole milliseconds on the client's clock. */
export const MediaTimeMs = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** The latest media time that a client may send: what follows from it is exact in a double as well. */
export const MAX_SENT_MS = 2 ** 52;
export const SentTimeMs = MediaTimeMs.max(MAX_SENT_MS);

/** Name of a modality as the bundle's manifest lists it: `video`, `text`. */
export const ModalityName = z.string().regex(/^[a-z][a-z0-9_]{0,31}$/);

/** Why something was not observed. */
export const Cause = z.enum([
  'client_paused',
  'network_gap',
  'decode_error',
  'no_face',
  'no_signal',
  'silence',
  'load_shed',
  'injected',
  'ended',
]);
export type Cause = z.infer<typeof Cause>;

/** What a modality's part in a prediction was made from; `mixed` is some slots observed and some virtual. */
export const Source = z.enum(['observed', 'virtual', 'mixed', 'absent']);
export type Source = z.infer<typeof Source>;

/** `insufficient`: nothing was observed, so there is no score. `degraded`: something is virtual. */
export const ResultState = z.enum(['ok', 'degraded', 'insufficient']);
export type ResultState = z.infer<typeof ResultState>;

export const SentimentLabel = z.enum(['negative', 'neutral', 'positive']);
export type SentimentLabel = z.infer<typeof SentimentLabel>;

export const Probability = z.number().min(0).max(1);
