import { tidy, wordEnds } from '../captions/words.ts';
import type { Caption } from '../protocol/index.ts';
import type { Slot } from '../window.ts';

/** The text is tidy. */
export interface CaptionEntry extends Caption {
  /** Wall time. */
  readonly arrivedMs: number;
  /** Repeats earlier words in the place of its own. */
  readonly frozen: boolean;
  /** Where the words of the text end; null until a window asks. */
  ends: Uint32Array | null;
}

/** Where a caption's words end, looked for once. */
export function endsOf(entry: CaptionEntry): Uint32Array {
  entry.ends ??= wordEnds(entry.text);
  return entry.ends;
}

/** The words of the captions of a window. */
export interface CaptionReading {
  readonly text: string;
  readonly isFinal: boolean;
  /** Words of each segment. */
  readonly shown: ReadonlyMap<string, number>;
}

/** A revision of a segment that was taken away on purpose. */
interface Hole extends Slot {
  readonly segmentId: string;
  readonly revision: number;
}

const MAX_SEGMENTS = 1024;
const MAX_INJECTED = 64;
const MAX_FORGOTTEN = 64;

/** The latest revision of every recent segment. Bound: 1,024 segments and the time given to `prune`, and 64 ids of older ones. */
export class CaptionMemory {
  /** Media time of the last caption or keepalive. */
  aliveMs: number | null = null;
  readonly #segments = new Map<string, CaptionEntry>();
  #byStart: CaptionEntry[] = [];
  #read: { readonly entries: readonly CaptionEntry[]; readonly reading: CaptionReading } | undefined;
  #injected: Hole[] = [];
  /** Revisions of the newest forgotten segments. */
  readonly #forgotten = new Map<string, number>();
  /** From the first to the last words of forgotten segments; null where none had words. */
  #forgottenWords: Slot | null = null;

  /** Ascending by start. */
  get captions(): readonly CaptionEntry[] {
    return this.#byStart;
  }

  /** What `read` makes of entries; while they are the same as in the call before, what it made of them then. */
  reading(
    entries: readonly CaptionEntry[],
    read: (entries: readonly CaptionEntry[]) => CaptionReading,
  ): CaptionReading {
    const before = this.#read;
    if (before?.entries.length === entries.length && entries.every((entry, i) => entry === before.entries[i]))
      return before.reading;
    const reading = read(entries);
    this.#read = { entries, reading };
    return reading;
  }

  /** True where words are missing that the window would show, because they were taken away. */
  isInjected(window: Slot): boolean {
    return this.#injected.some(({ startMs, endMs }) => startMs <= window.endMs && endMs > window.startMs);
  }

  /** Takes a caption in; `repeated` when it is known, `stale` when another one of its revision, or a newer one, is. */
  apply(caption: Caption, arrivedMs: number, frozen: boolean): 'applied' | 'repeated' | 'stale' {
    const known = this.#segments.get(caption.segment_id);
    const text = tidy(caption.text);
    if (known && known.revision >= caption.revision) {
      // Its times say nothing: the end may have been cut, by the media time at which it came.
      const same = known.text === text && known.is_final === caption.is_final;
      return same && known.revision === caption.revision ? 'repeated' : 'stale';
    }
    this.#injected = this.#injected.filter(
      ({ segmentId, revision }) => segmentId !== caption.segment_id || revision > caption.revision,
    );
    const entry: CaptionEntry = { ...caption, text, arrivedMs, frozen, ends: null };
    this.#segments.set(caption.segment_id, entry);
    this.#place(entry, known);
    if (this.#segments.size > MAX_SEGMENTS) {
      const oldest = this.#segments.values().next();
      if (!oldest.done) {
        this.#forget(oldest.value);
        this.#byStart.splice(this.#byStart.indexOf(oldest.value), 1);
      }
    }
    return 'applied';
  }

  /** What starts with others comes after them, and a revision of the same start where the one before it was. */
  #place(entry: CaptionEntry, known: CaptionEntry | undefined): void {
    const before = known ? this.#byStart.indexOf(known) : -1;
    if (known?.start_ms === entry.start_ms) {
      this.#byStart[before] = entry;
      return;
    }
    if (before >= 0) this.#byStart.splice(before, 1);
    let place = this.#byStart.length;
    while ((this.#byStart[place - 1]?.start_ms ?? -Infinity) > entry.start_ms) place--;
    this.#byStart.splice(place, 0, entry);
  }

  /** True for one of the newest segments that were taken in, forgotten ones included, unless this is a newer revision. */
  knows({ segment_id: id, revision }: Caption): boolean {
    const known = this.#segments.get(id)?.revision ?? this.#forgotten.get(id);
    return known !== undefined && known >= revision;
  }

  #forget(entry: CaptionEntry): void {
    this.#segments.delete(entry.segment_id);
    this.#forgotten.delete(entry.segment_id);
    this.#forgotten.set(entry.segment_id, entry.revision);
    const [oldest] = this.#forgotten.keys();
    if (this.#forgotten.size > MAX_FORGOTTEN && oldest !== undefined) this.#forgotten.delete(oldest);
    if (entry.text === '') return;
    const { startMs, endMs } = this.#forgottenWords ?? { startMs: Infinity, endMs: 0 };
    this.#forgottenWords = { startMs: Math.min(startMs, entry.start_ms), endMs: Math.max(endMs, entry.end_ms) };
  }

  /** Remembers that a caption was taken away on purpose; until a revision of it as new comes through. */
  inject(caption: Caption): void {
    const { segment_id: segmentId, revision, start_ms: startMs, end_ms: endMs } = caption;
    this.#injected = this.#injected.filter((hole) => hole.segmentId !== segmentId);
    this.#injected.push({ segmentId, revision, startMs, endMs });
    if (this.#injected.length > MAX_INJECTED) this.#injected.shift();
  }

  /** End of the newest words spoken up to `endMs`; null before the first. Words that were taken back do not count. */
  observedMs(endMs: number): number | null {
    const forgotten = this.#forgottenWords;
    let newestMs = forgotten && forgotten.startMs <= endMs ? Math.min(endMs, forgotten.endMs) : null;
    for (const caption of this.#byStart) {
      if (caption.start_ms > endMs) break;
      const saidMs = Math.min(endMs, caption.end_ms);
      if (saidMs > (newestMs ?? -1) && caption.text !== '') newestMs = saidMs;
    }
    return newestMs;
  }

  /** Forgets segments that ended before that time. */
  prune(beforeMs: number): void {
    const stale = this.#byStart.filter((caption) => caption.end_ms < beforeMs);
    if (stale.length > 0) this.#byStart = this.#byStart.filter((caption) => caption.end_ms >= beforeMs);
    for (const caption of stale) this.#forget(caption);
    this.#injected = this.#injected.filter(({ endMs }) => endMs >= beforeMs);
  }
}
