import type { Snapshot, WindowRecord } from '../events.ts';

/** The newest windows, oldest first. Bound: the time given to `prune`, one window per hop. */
export class History {
  readonly #windows: WindowRecord[] = [];

  get windows(): readonly WindowRecord[] {
    return this.#windows;
  }

  add(snapshot: Snapshot): WindowRecord {
    const record: WindowRecord = { snapshot, seq: null, smoothed: null, before: null, waiting: null, failed: false };
    this.#windows.push(record);
    return record;
  }

  /** Forgets windows that ended before that time. */
  prune(beforeMs: number): void {
    while ((this.#windows[0]?.snapshot.ptsMs ?? Infinity) < beforeMs) this.#windows.shift();
  }
}
