import type { Point } from './view/history.ts';
import type { SourceKind } from './sources/source.ts';

/** A session of this page, for the same page loaded again. */
export interface Unloaded {
  /** A file of one's own cannot be opened again without asking for it. */
  readonly source: Exclude<SourceKind, 'file'>;
  /** Resume token of the session. */
  readonly resume: string;
  /** `seq` of the newest result that is drawn, -1 for none. */
  readonly lastSeq: number;
  /** Media time when the page went. */
  readonly mediaMs: number;
  /** Streams that are switched off. */
  readonly off: readonly string[];
  /** What is drawn. */
  readonly points: readonly Point[];
}

/** The session that a page which was loaded again goes on with. */
export interface Reloaded extends Omit<Unloaded, 'mediaMs'> {
  /** `performance.now()` at media time 0, before this page began. */
  readonly originMs: number;
}

interface Kept extends Unloaded {
  /** When the page went, by the clock of the day. */
  readonly atMs: number;
}

const KEY = 'undertone.unloaded';
/** Servers keep a session for so long unless they are told otherwise. */
const KEPT_MS = 60_000;

/** Called as the page goes. A browser that keeps nothing for pages begins a new session after a reload. */
export function keepForReload(unloaded: Unloaded): void {
  const kept: Kept = { ...unloaded, atMs: Date.now() };
  try {
    sessionStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // Nothing to go on with, as after a minute.
  }
}

/**
 * Called in the place of the other where nothing runs: a page that came back out of the browser's cache, and was stopped then,
 * has left what ran before.
 */
export function forgetForReload(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Nothing is kept.
  }
}

/** What this page goes on with: undefined unless it was loaded again, within a minute. */
export function takeAfterReload(): Reloaded | undefined {
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  let kept: Kept | undefined;
  try {
    kept = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') ?? undefined;
    sessionStorage.removeItem(KEY);
  } catch {
    return undefined;
  }
  if (!kept || navigation?.type !== 'reload') return undefined;
  const { atMs, mediaMs, ...reloaded } = kept;
  // The clock may have been set back.
  const awayMs = Math.max(0, Date.now() - atMs);
  return awayMs > KEPT_MS ? undefined : { ...reloaded, originMs: performance.now() - awayMs - mediaMs };
}
