import type { Camel } from './camel-case.ts';
import type { ConnectionStatus } from './connection.ts';
import type { ServerEventOf, UnknownMessage } from './parse-message.ts';
import type * as wire from '../../pipeline/protocol/index.ts';

/** One prediction; its provenance is in `modalities`. */
export type Result = ServerEventOf<'sentiment.result'>;
/** Replaces the result whose `seq` is `supersedes`. */
export type Revision = ServerEventOf<'sentiment.revised'>;
export type ModalityChange = ServerEventOf<'modality.state'>;
export type Reunion = ServerEventOf<'modality.reunion'>;
export type Metrics = ServerEventOf<'metrics'>;
export type Warning = ServerEventOf<'warning'>;
export type ServerError = ServerEventOf<'error'>;
export type Provenance = Result['modalities'][string];
export type SessionTotals = Camel<wire.SessionTotals>;

/** A session is open: a new one, or after a lost connection the same one where the server resumed it. */
export type Session = (ServerEventOf<'session.created'> | ServerEventOf<'session.updated'>) & {
  readonly resumed: boolean;
};

/** The client is closed for good. */
export interface Closed {
  readonly code: number;
  readonly reason: string;
  /** What the server counted; null when it did not say. */
  readonly totals: SessionTotals | null;
}

/** A caption as its source knows it; times are media time in whole milliseconds. */
export interface CaptionInput {
  readonly segmentId: string;
  /** A higher revision replaces the segment's text. */
  readonly revision: number;
  readonly text: string;
  readonly isFinal: boolean;
  readonly startMs: number;
  readonly endMs: number;
  readonly confidence?: number | undefined;
  readonly speaker?: string | undefined;
  readonly language?: string | undefined;
}

/** Loss that the server injects before it decodes and encodes. */
export type LossInput = Camel<{ [K in keyof wire.Loss]: wire.Loss[K] }>;

export interface ModalityInput {
  readonly state?: 'active' | 'paused' | undefined;
  /** Null ends the injected loss. */
  readonly loss?: (Partial<LossInput> & { readonly rate: number }) | null | undefined;
}

export interface ClientEvents {
  readonly connection: ConnectionStatus;
  readonly session: Session;
  readonly result: Result;
  readonly revised: Revision;
  readonly modality: ModalityChange;
  readonly reunion: Reunion;
  readonly metrics: Metrics;
  readonly warning: Warning;
  readonly error: ServerError;
  readonly unknown: UnknownMessage;
  readonly closed: Closed;
}
