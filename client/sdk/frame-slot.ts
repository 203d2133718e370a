import type { FrameImage } from './frame-image.ts';

export interface FrameCounts {
  /** Given to `sendFrame`. */
  readonly offered: number;
  readonly sent: number;
  /** Replaced by a newer frame while waiting for credit, offered while there was no open session, or not readable. */
  readonly dropped: number;
}

interface WaitingFrame {
  readonly image: FrameImage;
  readonly ptsMs: number;
}

/**
 * Frames on their way out: one is sent per credit, and one waits. A newer frame replaces the one that waits.
 *
 * `send` is called in the order in which frames were let go, also where images must first be read out of a Blob; where none
 * must, it is called at once, so that what is said next comes after it.
 */
export class FrameSlot {
  readonly #send: (image: Uint8Array, ptsMs: number) => void;
  #credit = 0;
  #waiting: WaitingFrame | undefined;
  #taking = false;
  /** Counts connections and their ends. */
  #connection = 0;
  /** What has its turn after a Blob; undefined while none is read. */
  #tail: Promise<void> | undefined;
  #offered = 0;
  #sent = 0;
  #dropped = 0;

  constructor(send: (image: Uint8Array, ptsMs: number) => void) {
    this.#send = send;
  }

  get counts(): FrameCounts {
    return { offered: this.#offered, sent: this.#sent, dropped: this.#dropped };
  }

  /** True when a frame offered now goes out at once. */
  get free(): boolean {
    return this.#taking && this.#credit > 0 && this.#waiting === undefined;
  }

  /** A session is open; it begins without credit. */
  connect(): void {
    this.#taking = true;
    this.#connection++;
    this.#credit = 0;
  }

  /** What waits would be stale by the time a connection is back. */
  disconnect(): void {
    this.#connection++;
    this.#tail = undefined;
    this.stop();
  }

  /** Takes no more frames; those that were let go still leave. */
  stop(): void {
    this.#taking = false;
    if (this.#waiting) this.#dropped++;
    this.#waiting = undefined;
  }

  offer(image: FrameImage, ptsMs: number): void {
    this.#offered++;
    if (!this.#taking) {
      this.#dropped++;
      return;
    }
    if (this.#waiting) this.#dropped++;
    this.#waiting = { image, ptsMs };
    this.#release();
  }

  grant(frames: number): void {
    this.#credit += frames;
    this.#release();
  }

  /** Calls back when the frames that were let go so far have left; never where their connection ends before that. */
  after(run: () => void): void {
    this.#inTurn(undefined, (_, current) => {
      if (current) run();
    });
  }

  #release(): void {
    const frame = this.#waiting;
    if (!frame || this.#credit <= 0) return;
    this.#waiting = undefined;
    this.#credit--;
    this.#inTurn(bytesOf(frame.image), (bytes, current) => this.#leave(bytes, frame.ptsMs, current));
  }

  #leave(bytes: Uint8Array | undefined, ptsMs: number, current: boolean): void {
    if (bytes && current) {
      this.#send(bytes, ptsMs);
      this.#sent++;
      return;
    }
    this.#dropped++;
    // The server still waits for the frame that this credit was for.
    if (current) this.grant(1);
  }

  /** Calls back after what had its turn before, and whether the connection is still the same then. */
  #inTurn<T>(value: T | Promise<T>, run: (value: T, current: boolean) => void): void {
    const before = this.#tail;
    if (before === undefined && !(value instanceof Promise)) return run(value, true);
    const connection = this.#connection;
    const follow = async (): Promise<void> => {
      const ready = await value;
      await before;
      if (this.#tail === tail) this.#tail = undefined;
      run(ready, connection === this.#connection);
    };
    const tail = follow();
    this.#tail = tail;
  }
}

function bytesOf(image: FrameImage): Uint8Array | Promise<Uint8Array | undefined> {
  if (image instanceof Uint8Array) return image;
  return image instanceof ArrayBuffer ? new Uint8Array(image) : readBlob(image);
}

/** A Blob whose source is gone cannot be read; its frame counts as dropped. */
async function readBlob(blob: Blob): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch {
    return undefined;
  }
}
