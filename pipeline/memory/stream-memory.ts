import type { Pause } from '../presence.ts';

const MAX_PAUSES = 64;

/** Pauses and the end of one modality's stream, in media time. Bound: the newest 64 pauses. */
export class StreamMemory {
  endedMs: number | null = null;
  readonly #pauses: Pause[] = [];

  get pauses(): readonly Pause[] {
    return this.#pauses;
  }

  get paused(): boolean {
    return this.#pauses.at(-1)?.endMs === Infinity;
  }

  pause(mediaMs: number): void {
    if (this.paused) return;
    this.#pauses.push({ startMs: mediaMs, endMs: Infinity });
    if (this.#pauses.length > MAX_PAUSES) this.#pauses.shift();
  }

  resume(mediaMs: number): void {
    const last = this.#pauses.at(-1);
    if (last && this.paused) last.endMs = mediaMs;
  }

  /** Forgets pauses that ended before that time. */
  prune(beforeMs: number): void {
    while ((this.#pauses[0]?.endMs ?? Infinity) < beforeMs) this.#pauses.shift();
  }
}
