import * as z from 'zod';
import { ModalityName, PROTOCOL_VERSION, SentTimeMs } from './primitives.ts';

/** Opens the session when it is the first message; locked after the first media. */
export const SessionUpdate = z.strictObject({
  type: z.literal('session.update'),
  protocol: z.literal(PROTOCOL_VERSION),
  /** `name` or `name@version`; the server's default when absent. */
  bundle: z.string().max(128).optional(),
  hop_ms: z.int().min(50).max(10_000).optional(),
  /** Exponential smoothing of the score: weight of the past in [0, 0.99]; 0 is none. */
  smoothing: z.number().min(0).max(0.99).optional(),
  counterfactuals: z.boolean().optional(),
  token: z.string().max(1024).optional(),
  /** Resume token of a `session.created`. */
  resume: z.string().max(1024).optional(),
  /** With `resume`: `seq` of the newest result that arrived, -1 for none; what came after it is sent again. */
  last_seq: z.int().min(-1).optional(),
});
export type SessionUpdate = z.infer<typeof SessionUpdate>;

/** One caption; a higher `revision` of a `segment_id` replaces the earlier text. */
export const Caption = z
  .strictObject({
    type: z.literal('caption'),
    segment_id: z.string().min(1).max(128),
    revision: z.int().min(0).max(1_000_000),
    text: z.string().max(4096),
    is_final: z.boolean(),
    start_ms: SentTimeMs,
    end_ms: SentTimeMs.describe('Not before start_ms.'),
    confidence: z.number().min(0).max(1).optional(),
    speaker: z.string().max(128).optional(),
    language: z.string().max(35).optional(),
  })
  .refine((caption) => caption.end_ms >= caption.start_ms, { message: 'end_ms is before start_ms', path: ['end_ms'] });
export type Caption = z.infer<typeof Caption>;

/** Loss injected before frames are decoded and texts encoded; marked `injected` in the provenance. */
export const Loss = z.strictObject({
  /** Share of items lost, [0, 1]. */
  rate: z.number().min(0).max(1),
  /** Mean length of a loss burst; 0 loses items independently of each other. */
  burst_ms: z.int().min(0).max(600_000).default(0),
  delay_ms: z.int().min(0).max(60_000).default(0),
  /** Repeats the last item instead of losing it. */
  freeze: z.boolean().default(false),
  seed: z.int().min(0).max(0xffff_ffff).default(0),
});
export type Loss = z.infer<typeof Loss>;

/** `paused`: the client stops this modality on purpose. */
export const ModalitySet = z.strictObject({
  type: z.literal('modality.set'),
  modality: ModalityName,
  state: z.enum(['active', 'paused']).optional(),
  loss: Loss.nullable().optional(),
});
export type ModalitySet = z.infer<typeof ModalitySet>;

/** Keeps an idle session open; tells that the caption stream is alive while nobody speaks. */
const Keepalive = z.strictObject({ type: z.literal('keepalive') });
/** Asks for the predictions of everything sent so far. */
const Finalize = z.strictObject({ type: z.literal('finalize') });
/** Finalizes, then ends the session with `session.closed`. */
export const SessionClose = z.strictObject({ type: z.literal('session.close') });

export const ClientMessage = z.discriminatedUnion('type', [
  SessionUpdate,
  Caption,
  ModalitySet,
  Keepalive,
  Finalize,
  SessionClose,
]);
export type ClientMessage = z.infer<typeof ClientMessage>;
/** What a sender may write: fields with defaults are optional. */
export type ClientMessageInput = z.input<typeof ClientMessage>;
