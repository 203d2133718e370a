import { directlyAfter } from './directly-after.ts';
import type { Cue, UnrolledCues } from './unroll-cues.ts';

/** The one element of a cue that is set off from the words around it. */
const ELEMENT = /<(u|b|i|c|font)(?:[.\s][^<>]*)?>[^<]*<\/\1>/gi;

/**
 * Joins the cues that show the same words again with another one of them highlighted, as Whisper writes them with
 * `--highlight_words`: `<u>so</u> good`, then directly `so <u>good</u>`, and without a highlight in a pause.
 *
 * What is said twice has no highlight that goes on, so it stays.
 *
 * @param given in the order of the file
 */
export function joinHighlights(given: readonly Cue[]): UnrolledCues {
  const at = given.map(({ payload }) => highlightAt(payload.join('\n')));
  if (at.every((index) => index === null)) return { cues: given, repeating: [] };
  const cues: Cue[] = [];
  const repeating: Cue[] = [];
  for (let from = 0, end = 0; from < given.length; from = end) {
    end = endOfRun(given, at, from);
    const [first, ...again] = given.slice(from, end);
    // Words in italics that are said again without them are said twice.
    const moves = at.slice(from, end).filter((index) => index !== null).length > 1;
    if (first === undefined || !moves) cues.push(...given.slice(from, end));
    else {
      cues.push({ ...first, endMs: Math.max(first.endMs, ...again.map(({ endMs }) => endMs)) });
      repeating.push(...again);
    }
  }
  return { cues, repeating };
}

/** Index after the last of the cues that, from this one on, show its words with the highlight further on or without. */
function endOfRun(given: readonly Cue[], at: readonly (number | null)[], from: number): number {
  let reachedAt = at[from] ?? null;
  let end = from + 1;
  for (; end < given.length; end++) {
    const [before, now, index = null] = [given[end - 1], given[end], at[end]];
    if (before === undefined || now === undefined || reachedAt === null) break;
    if (now.said.text !== before.said.text || !directlyAfter(before, now)) break;
    if (index === null ? at[end - 1] === null : index <= reachedAt) break;
    reachedAt = index ?? reachedAt;
  }
  return end;
}

/** Where the only highlight among the words is; null where there is none, or several. */
function highlightAt(raw: string): number | null {
  const found = raw.matchAll(ELEMENT);
  const first = found.next();
  return first.done === true || found.next().done !== true ? null : first.value.index;
}
