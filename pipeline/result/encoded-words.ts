import type { ModalitySnapshot } from '../events.ts';

/** Tells how old the newest observation of a modality is, where of words only those count that became an embedding. */
export class EncodedWords {
  #newestMs: number | null = null;

  /** Media time of the newest observation; null before the first. Called for results in their order, and for revisions of older ones. */
  observedMs({ observedMs, slots, text }: ModalitySnapshot): number | null {
    if (!text || observedMs === null) return observedMs;
    if (slots.some(({ embedding }) => embedding)) this.#newestMs = Math.max(this.#newestMs ?? observedMs, observedMs);
    return this.#newestMs === null ? null : Math.min(this.#newestMs, observedMs);
  }
}
