import { hasCode } from '../../models/errors.ts';
import { readImageHeader } from '../../models/encoders/image-input/image-header.ts';
import { decodeFrame } from '../../pipeline/protocol/index.ts';
import type { BinaryFrame, ErrorCode } from '../../pipeline/protocol/index.ts';
import { TokenBucket } from './token-bucket.ts';
import type { Refusal } from './parse-message.ts';

export interface DoorLimits {
  readonly maxFramesPerS: number;
  readonly maxBytesPerS: number;
  readonly maxImageWidth: number;
  readonly maxImageHeight: number;
}

export type Admission =
  | { readonly ok: true; readonly frame: BinaryFrame }
  | ({ readonly ok: false; readonly quota: boolean } & Refusal);

/** Checks frames before the pipeline sees them: quota, header, image format and size. Nothing is decoded. */
export class Door {
  readonly #limits: DoorLimits;
  readonly #frames: TokenBucket;
  readonly #bytes: TokenBucket;

  constructor(limits: DoorLimits, maxMessageBytes: number, now: () => number) {
    this.#limits = limits;
    this.#frames = new TokenBucket(limits.maxFramesPerS, limits.maxFramesPerS, now);
    this.#bytes = new TokenBucket(Math.max(limits.maxBytesPerS, maxMessageBytes), limits.maxBytesPerS, now);
  }

  admit(message: Uint8Array): Admission {
    if (!this.#frames.take())
      return over('quota_frames', `at most ${this.#limits.maxFramesPerS} frames a second; this one is dropped`);
    if (!this.#bytes.take(message.byteLength))
      return over('quota_bytes', `at most ${this.#limits.maxBytesPerS} bytes a second; this frame is dropped`);
    const frame = decodeFrame(message);
    if (typeof frame === 'string') return { ok: false, quota: false, code: 'frame_header', message: frame };
    const refusal = this.#checkImage(frame.image);
    return refusal ? { ok: false, quota: false, ...refusal, ref: frame.seq } : { ok: true, frame };
  }

  #checkImage(image: Uint8Array): Refusal | undefined {
    try {
      const { width, height } = readImageHeader(image);
      const { maxImageWidth, maxImageHeight } = this.#limits;
      if (width <= maxImageWidth && height <= maxImageHeight) return undefined;
      return { code: 'image_too_large', message: `an image is at most ${maxImageWidth} x ${maxImageHeight} pixels` };
    } catch (error) {
      if (hasCode(error, 'image_format') || hasCode(error, 'image_corrupt') || hasCode(error, 'image_too_large'))
        return { code: error.code as ErrorCode, message: error.message };
      throw error;
    }
  }
}

function over(code: 'quota_frames' | 'quota_bytes', message: string): Admission {
  return { ok: false, quota: true, code, message };
}
