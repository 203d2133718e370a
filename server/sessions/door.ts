import { readImageHeader } from '../../models/encoders/image-input/image-header.ts';
import { fitsWithin } from '../../models/encoders/image-input/fits-within.ts';
import { decodeFrame } from '../../pipeline/protocol/index.ts';
import { isInputError, problemOf } from '../../pipeline/problems.ts';
import { TokenBucket } from '../../pipeline/token-bucket.ts';
import type { BinaryFrame, Refusal } from '../../pipeline/protocol/index.ts';

export interface DoorLimits {
  readonly maxFramesPerS: number;
  readonly maxBytesPerS: number;
  /** A frame that is as long as a message may be passes, however few bytes a second are. */
  readonly maxMessageBytes: number;
  readonly maxImageWidth: number;
  readonly maxImageHeight: number;
  /** Of images that can only be decoded whole. */
  readonly maxWholePixels: number;
}

type Verdict =
  | { readonly ok: true; readonly frame: BinaryFrame }
  | ({ readonly ok: false; readonly quota: false } & Refusal)
  | ({ readonly ok: false; readonly quota: true } & OverQuota);

type OverQuota = Refusal & { readonly code: FrameQuota };

/** Limits of a session's frames, by the code that says that one was exceeded. */
export type FrameQuota = 'quota_frames' | 'quota_bytes';

/** Checks frames before the pipeline sees them: quota, header, image format and size. Nothing is decoded. */
export class Door {
  readonly #limits: DoorLimits;
  readonly #frames: TokenBucket;
  readonly #bytes: TokenBucket;

  constructor(limits: DoorLimits, now: () => number) {
    this.#limits = limits;
    this.#frames = new TokenBucket(limits.maxFramesPerS, limits.maxFramesPerS, now);
    this.#bytes = new TokenBucket(Math.max(limits.maxBytesPerS, limits.maxMessageBytes), limits.maxBytesPerS, now);
  }

  admit(message: Uint8Array): Verdict {
    const frame = decodeFrame(message);
    const ref = typeof frame === 'string' ? undefined : frame.seq;
    if (!this.#frames.take())
      return over('quota_frames', `at most ${this.#limits.maxFramesPerS} frames a second; this one is dropped`, ref);
    if (!this.#bytes.take(message.byteLength))
      return over('quota_bytes', `at most ${this.#limits.maxBytesPerS} bytes a second; this frame is dropped`, ref);
    if (typeof frame === 'string') return { ok: false, quota: false, code: 'frame_header', message: frame };
    const refusal = this.#checkImage(frame.image);
    return refusal ? { ok: false, quota: false, ...refusal, ref: frame.seq } : { ok: true, frame };
  }

  #checkImage(image: Uint8Array): Refusal | undefined {
    try {
      const { width, height, scales } = readImageHeader(image);
      const { maxImageWidth, maxImageHeight, maxWholePixels } = this.#limits;
      if (!fitsWithin(width, height, maxImageWidth, maxImageHeight))
        return {
          code: 'image_too_large',
          message: `an image is at most ${maxImageWidth} x ${maxImageHeight} pixels, or upright`,
        };
      if (scales || width * height <= maxWholePixels) return undefined;
      return {
        code: 'image_too_large',
        message: `a WebP, PNG or progressive JPEG has at most ${maxWholePixels} pixels; send a smaller one, or a baseline JPEG`,
      };
    } catch (error) {
      if (isInputError(error)) return problemOf('error', error);
      throw error;
    }
  }
}

function over(code: FrameQuota, message: string, ref: number | undefined): Verdict {
  return { ok: false, quota: true, code, message, ref };
}
