/** A cue that starts later than this after the one before does not carry its words on. */
const MAX_GAP_MS = 50;

interface Times {
  readonly startMs: number;
  readonly endMs: number;
}

/** Whether a cue comes directly after another, or while that still stands. */
export function directlyAfter(before: Times, now: Times): boolean {
  return now.startMs >= before.startMs && now.startMs - before.endMs <= MAX_GAP_MS;
}
