import { directlyAfter } from './directly-after.ts';
import type { CueText } from './cue-text.ts';

/** A cue with its times, in whole milliseconds, the lines of its payload and what they say. */
export interface Cue {
  /** Index of its timing line. */
  readonly line: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly payload: readonly string[];
  readonly said: CueText;
}

export interface UnrolledCues {
  readonly cues: readonly Cue[];
  /** Cues that repeated lines of the one before. */
  readonly repeating: readonly Cue[];
}

interface Row {
  readonly raw: string;
  readonly text: string;
}

/** Recognisers that write rolling captions show a finished line alone for 10 ms. */
const FLASH_MS = 10;
/** Rows of a screen of captions. */
const MAX_ROWS = 15;
/** Cues whose lines move up, and their share, where a file rolls that has no other mark of it; a refrain is a part of a song. */
const ROLLS = { cues: 3, share: 1 / 2 };
const VOICE = /<v[. \t][^>]*>/gi;
const INNER_TIMESTAMP = /<\d+(?::\d+)+\.\d+>/;

/**
 * Leaves out what captions that roll up show again: the lines at the top of a cue that are the last of the cue directly
 * before. A cue that says nothing else prolongs the one before.
 *
 * People do say things twice, so nothing is left out of a file without the marks of rolling captions: timestamps between
 * words, flashes of a line that stands already, or lines that move up for a new one in half of the cues, as in captions of
 * television. A line with timestamps of its own is new.
 *
 * @param given in the order of the file
 * @param read what lines of a payload say
 */
export function unrollCues(given: readonly Cue[], read: (payload: readonly string[]) => CueText): UnrolledCues {
  const timed = given.some(({ payload }) => payload.some((line) => INNER_TIMESTAMP.test(line)));
  const rows = given.map(({ payload, said }) =>
    payload
      .map((raw) => ({ raw, text: (payload.length === 1 ? said : read([raw])).text }))
      .filter(({ text }) => text !== ''),
  );
  const repeats = given.map((cue, i) => {
    const before = given[i - 1];
    return before !== undefined && directlyAfter(before, cue) ? repeatedRows(rows[i - 1] ?? [], rows[i] ?? []) : 0;
  });
  // A line that moves up has a new one below it.
  const movesUp = (i: number): boolean => repeats[i] !== 0 && (repeats[i] ?? 0) < (rows[i]?.length ?? 0);
  const moved = given.filter((_, i) => movesUp(i)).length;
  const rolls = moved >= (timed ? 1 : Math.max(ROLLS.cues, ROLLS.share * (given.length - 1)));
  if (!rolls && !given.some((cue, i) => repeats[i] !== 0 && isFlash(cue))) return { cues: given, repeating: [] };

  const cues: Cue[] = [];
  for (const [i, cue] of given.entries()) {
    const all = (rows[i] ?? []).map(({ raw }) => raw);
    const rest = all.slice(repeats[i]);
    const last = cues.at(-1);
    if (repeats[i] === 0) cues.push(cue);
    else if (rest.length > 0) {
      const payload = [openVoice(all.slice(0, repeats[i])), ...rest];
      cues.push({ ...cue, payload, said: read(payload) });
    } else if (last !== undefined) cues[cues.length - 1] = { ...last, endMs: Math.max(last.endMs, cue.endMs) };
  }
  return { cues, repeating: given.filter((_, i) => repeats[i] !== 0) };
}

/** The voice tag that lines open for those below them; empty where there is none. */
function openVoice(lines: readonly string[]): string {
  return lines.flatMap((line) => line.match(VOICE) ?? []).at(-1) ?? '';
}

function isFlash({ startMs, endMs }: Cue): boolean {
  return endMs - startMs <= FLASH_MS;
}

/** How many rows at the top of the one are the last rows of the other. */
function repeatedRows(before: readonly Row[], now: readonly Row[]): number {
  for (let count = Math.min(before.length, now.length, MAX_ROWS); count > 0; count--) {
    const last = before.slice(-count);
    const same = last.every(({ text }, i) => text === now[i]?.text && !INNER_TIMESTAMP.test(now[i].raw));
    if (same) return count;
  }
  return 0;
}
