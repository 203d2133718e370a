import type { Timing } from '../../models/model.ts';
import type { SlotSnapshot } from '../events.ts';
import type { Cause } from '../protocol/index.ts';
import type { FrameObservation, Slot } from '../window.ts';

/** A frame on its way to an embedding, or to a loss. */
export interface FrameEntry extends FrameObservation {
  /** Wall time of arrival. */
  readonly arrivedMs: number;
  /** Media time of arrival. */
  readonly atMs: number;
  /** Shows an earlier image than its own. */
  readonly frozen: boolean;
  embedding: Float32Array | null;
  cause: Cause | null;
  timing: Timing | null;
  /** What a window shows of it once it is encoded; the same for every window. */
  shown: SlotSnapshot | null;
}

type NewFrame = Pick<FrameEntry, 'ptsMs' | 'arrivedMs' | 'atMs' | 'frozen' | 'cause'>;

/** More than any window holds; what is older goes first. */
const MAX_ENTRIES = 2048;

/** The frames of the last window or so, ascending by time. Bound: 2,048 entries and the time given to `prune`. */
export class FrameMemory {
  firstMs: number | null = null;
  newestMs: number | null = null;
  #entries: FrameEntry[] = [];
  #acceptedMs = -Infinity;
  #newestObservedMs: number | null = null;
  #underWay = 0;
  readonly #behind: { readonly startMs: number; endMs: number }[] = [];

  /** Media time in which there was always a frame on its way to an embedding; open at its end while there is. */
  get behind(): readonly Slot[] {
    return this.#behind;
  }

  /** The frames that had arrived at that media time. */
  arrivedBy(atMs: number): readonly FrameEntry[] {
    return atMs === Infinity ? this.#entries : this.#entries.filter((entry) => entry.atMs <= atMs);
  }

  /** True when a frame less than `intervalMs` away is encoded or going to be. */
  covers(ptsMs: number, intervalMs: number): boolean {
    return Math.abs(ptsMs - this.#acceptedMs) < intervalMs;
  }

  /** Takes note of a frame that leaves neither an embedding nor a hole. */
  skip(ptsMs: number): void {
    this.firstMs ??= ptsMs;
    this.newestMs = Math.max(this.newestMs ?? ptsMs, ptsMs);
  }

  /** One with a cause is lost from the start. A frame that was held back takes its place among later ones. */
  add({ ptsMs, arrivedMs, atMs, frozen, cause }: NewFrame): FrameEntry {
    // Written out, as the collector and every window meet these by the hundred: a spread gives some another hidden class.
    const entry: FrameEntry = { ptsMs, arrivedMs, atMs, frozen, cause, embedding: null, timing: null, shown: null };
    this.skip(entry.ptsMs);
    if (entry.cause === null) {
      this.#acceptedMs = entry.ptsMs;
      if (this.#underWay++ === 0) this.#behind.push({ startMs: entry.atMs, endMs: Infinity });
    }
    let place = this.#entries.length;
    while ((this.#entries[place - 1]?.ptsMs ?? -Infinity) > entry.ptsMs) place--;
    this.#entries.splice(place, 0, entry);
    if (this.#entries.length > MAX_ENTRIES) this.#entries.shift();
    return entry;
  }

  /** A frame has its embedding, or was lost. Stretches of less than `slotMs` leave no slot empty and are forgotten. */
  done(nowMs: number, slotMs: number): void {
    const last = this.#behind.at(-1);
    if (--this.#underWay > 0 || !last) return;
    last.endMs = nowMs;
    if (nowMs - last.startMs < slotMs) this.#behind.pop();
  }

  /** A frame was lost after all: one close to it may be encoded in its place. */
  reopen(entry: FrameEntry): void {
    if (this.#acceptedMs === entry.ptsMs) this.#acceptedMs = -Infinity;
  }

  /** Time of the newest encoded one of these frames up to `endMs`, else that of an earlier call; null before any. */
  observedMs(frames: readonly FrameEntry[], endMs: number): number | null {
    const newest = frames.findLast((entry) => entry.embedding && entry.ptsMs <= endMs);
    if (newest) this.#newestObservedMs = newest.ptsMs;
    return this.#newestObservedMs;
  }

  /** Forgets frames before that time. */
  prune(beforeMs: number): void {
    let stale = 0;
    while ((this.#entries[stale]?.ptsMs ?? Infinity) < beforeMs) stale++;
    if (stale > 0) this.#entries.splice(0, stale);
    while ((this.#behind[0]?.endMs ?? Infinity) < beforeMs) this.#behind.shift();
  }
}
