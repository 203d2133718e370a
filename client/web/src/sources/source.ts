import type { CaptionInput } from '../../../sdk/index.ts';

export type SourceKind = 'sample' | 'camera' | 'file';

/** Moving pictures in the page's video element. */
export interface Source {
  readonly kind: SourceKind;
  /** Captions of a clip, in its own time; none for a camera. */
  readonly cues: readonly CaptionInput[];
  /** What to tell as it begins: captions that are not all read as they are. */
  readonly notice?: string | undefined;
  /** Whether it is a camera that looks at the person at the page, who expects a mirror. */
  readonly mirrored: boolean;
  /**
   * Goes on with the next camera, where there is another one.
   * @throws {SourceError} when that one cannot be opened; the one before goes on
   */
  readonly next?: (() => Promise<void>) | undefined;
  /** Calls back when the pictures end for good on their own, with what to tell. */
  onEnd(callback: (text: string) => void): void;
  /** Frees the camera or the file. Idempotent. */
  close(): void;
}

/** A source that cannot be opened; the message is for the person at the page. */
export class SourceError extends Error {}
