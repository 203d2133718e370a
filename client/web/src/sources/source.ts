import type { Cue } from '../captions/cue-speaker.ts';

export type SourceKind = 'sample' | 'camera' | 'file';

/** Moving pictures in the page's video element. */
export interface Source {
  readonly kind: SourceKind;
  /** Captions of a clip as far as they are loaded; none for a camera. */
  cues(): Iterable<Cue>;
  /** Calls back when the pictures end for good on their own, with what to tell. */
  onEnd(callback: (text: string) => void): void;
  /** Frees the camera or the file. Idempotent. */
  close(): void;
}

/** A source that cannot be opened; the message is for the person at the page. */
export class SourceError extends Error {}
