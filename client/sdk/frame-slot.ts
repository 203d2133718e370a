import type { FrameImage } from './frame-image.ts';

export interface FrameCounts {
  /** Given to `sendFrame`. */
  readonly offered: number;
  readonly sent: number;
  /** Replaced by a newer frame while waiting for credit, offered while there was no connection, or not readable. */
  readonly dropped: number;
}

interface WaitingFrame {
  readonly image: FrameImage;
  readonly ptsMs: number;
}

/**
 * Frames on their way out: one is sent per credit, and one waits. A newer frame replaces the one that waits.
 *
 * `send` is called in the order in which frames were let go, also where images must first be read out of a Blob.
 */
export class FrameSlot {
  readonly #send: (image: Uint8Array, ptsMs: number) => void;
  #credit = 0;
  #waiting: WaitingFrame | undefined;
  #connected = false;
  #connection = 0;
  #tail: Promise<void> = Promise.resolve();
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
    return this.#connected && this.#credit > 0 && this.#waiting === undefined;
  }

  /** A session is open; it begins without credit. */
  connect(): void {
    this.#connected = true;
    this.#connection++;
    this.#credit = 0;
  }

  /** What waits would be stale by the time a connection is back. */
  disconnect(): void {
    this.#connected = false;
    if (this.#waiting) this.#dropped++;
    this.#waiting = undefined;
  }

  offer(image: FrameImage, ptsMs: number): void {
    this.#offered++;
    if (!this.#connected) {
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

  #release(): void {
    const frame = this.#waiting;
    if (!frame || this.#credit <= 0) return;
    this.#waiting = undefined;
    this.#credit--;
    this.#tail = this.#follow(this.#tail, frame, this.#connection);
  }

  async #follow(before: Promise<void>, frame: WaitingFrame, connection: number): Promise<void> {
    const bytes = await readImage(frame.image);
    await before;
    const current = this.#connected && connection === this.#connection;
    if (bytes && current) {
      this.#send(bytes, frame.ptsMs);
      this.#sent++;
      return;
    }
    this.#dropped++;
    // The server still waits for the frame that this credit was for.
    if (current) this.grant(1);
  }
}

/** A Blob whose source is gone cannot be read; its frame counts as dropped. */
async function readImage(image: FrameImage): Promise<Uint8Array | undefined> {
  if (image instanceof Uint8Array) return image;
  if (image instanceof ArrayBuffer) return new Uint8Array(image);
  try {
    return new Uint8Array(await image.arrayBuffer());
  } catch {
    return undefined;
  }
}
