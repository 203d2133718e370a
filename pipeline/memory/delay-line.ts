import type { ImageInput } from '../../models/model.ts';
import type { CaptionEvent, FrameEvent } from '../events.ts';

export interface Delayed {
  /** Wall time live, media time in replay. */
  readonly dueMs: number;
  readonly event: FrameEvent | CaptionEvent;
}

const MAX_DELAYED = 256;

/**
 * Items that wait for their delay, in the order of arrival, which is that of their release. Bound: 256 items, and
 * `maxBytes` of pictures; the oldest is lost first.
 */
export class DelayLine {
  readonly #maxBytes: number;
  readonly #waiting: Delayed[] = [];
  /** Of the pictures that wait; one that is repeated in a row counts once. */
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** When the next item is due; Infinity when none waits. */
  get nextMs(): number {
    return this.#waiting[0]?.dueMs ?? Infinity;
  }

  /** When the newest item is due, which none overtakes. */
  get lastMs(): number {
    return this.#waiting.at(-1)?.dueMs ?? -Infinity;
  }

  /** Takes one in that is due no sooner than the others; gives back those that are lost for it. */
  push(item: Delayed): Delayed[] {
    const image = imageOf(item);
    if (image && image !== imageOf(this.#waiting.at(-1))) this.#bytes += sizeOf(image);
    this.#waiting.push(item);
    const lost: Delayed[] = [];
    while (this.#waiting.length > MAX_DELAYED || this.#bytes > this.#maxBytes) lost.push(...this.#shift());
    return lost;
  }

  /** Takes out those that are due. */
  release(nowMs: number): Delayed[] {
    const due: Delayed[] = [];
    while (this.#waiting.length > 0 && this.nextMs <= nowMs) due.push(...this.#shift());
    return due;
  }

  #shift(): Delayed[] {
    const oldest = this.#waiting.shift();
    if (!oldest) return [];
    const image = imageOf(oldest);
    if (image && image !== imageOf(this.#waiting[0])) this.#bytes -= sizeOf(image);
    return [oldest];
  }
}

function imageOf(item: Delayed | undefined): ImageInput | undefined {
  return item?.event.kind === 'frame' ? item.event.frame.image : undefined;
}

function sizeOf(image: ImageInput): number {
  return image.kind === 'image' ? image.bytes.byteLength : image.data.byteLength;
}
