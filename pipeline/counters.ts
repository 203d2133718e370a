import type { SessionTotals } from './protocol/index.ts';

/** Why a frame was not encoded. */
export type DropReason =
  | 'superseded'
  | 'decimated'
  | 'out_of_order'
  | 'late'
  | 'paused'
  | 'injected'
  | 'decode_error'
  | 'no_face'
  | 'load_shed'
  | 'no_modality'
  | 'closed';

/** Counts that add up: every frame received is in flight until it is encoded or dropped for one reason. */
export class Counters {
  captions = 0;
  captionsInjected = 0;
  results = 0;
  revisions = 0;
  errors = 0;
  #received = 0;
  #encoded = 0;
  #dropped = 0;
  readonly #reasons = new Map<DropReason, number>();

  frameReceived(): void {
    this.#received++;
  }

  frameEncoded(): void {
    this.#encoded++;
  }

  frameDropped(reason: DropReason): void {
    this.#dropped++;
    this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1);
  }

  totals(mediaMs: number): SessionTotals {
    return {
      frames: {
        received: this.#received,
        encoded: this.#encoded,
        in_flight: this.#received - this.#encoded - this.#dropped,
        dropped: Object.fromEntries(this.#reasons),
      },
      captions: this.captions,
      ...(this.captionsInjected === 0 ? {} : { captions_injected: this.captionsInjected }),
      results: this.results,
      revisions: this.revisions,
      errors: this.errors,
      media_ms: mediaMs,
    };
  }
}
