import type { Snapshot } from '../events.ts';

/** A window that a result is out for, or on its way. */
export interface PastWindow {
  snapshot: Snapshot;
  /** Number of the newest result for it; null until one is out. */
  seq: number | null;
  /** Smoothed score before it. */
  smoothedBefore: number | null;
}

/** The newest windows, oldest first. Bound: the time given to `prune`, one window per hop. */
export class History {
  readonly #windows: PastWindow[] = [];

  get windows(): readonly PastWindow[] {
    return this.#windows;
  }

  add(snapshot: Snapshot): void {
    this.#windows.push({ snapshot, seq: null, smoothedBefore: null });
  }

  at(ptsMs: number): PastWindow | undefined {
    return this.#windows.find(({ snapshot }) => snapshot.ptsMs === ptsMs);
  }

  /** Forgets windows that ended before that time. */
  prune(beforeMs: number): void {
    while ((this.#windows[0]?.snapshot.ptsMs ?? Infinity) < beforeMs) this.#windows.shift();
  }
}
