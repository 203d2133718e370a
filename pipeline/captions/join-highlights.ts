import { cueText } from './cue-text.ts';
import type { Cue, UnrolledCues } from './unroll-cues.ts';

/** The one element of a cue that is set off from the words around it. */
const ELEMENT = /<(u|b|i|c|font)(?:[.\s][^<>]*)?>[^<]*<\/\1>/gi;

/**
 * Joins the cues that show the same words again with another one of them highlighted, as Whisper writes them with
 * `--highlight_words`: `<u>so</u> good`, then `so <u>good</u>`, and without a highlight in a pause.
 *
 * What is said twice has no highlight that goes on, so it stays.
 *
 * @param given in the order of the file
 */
export function joinHighlights(given: readonly Cue[]): UnrolledCues {
  const shown = given.map(({ payload }) => {
    const raw = payload.join('\n');
    return { text: cueText(raw).text, at: highlightAt(raw) };
  });
  const cues: Cue[] = [];
  const repeating: Cue[] = [];
  let reachedAt: number | null = null;
  let moves = false;
  for (const [i, cue] of given.entries()) {
    const last = cues.at(-1);
    const now = shown[i];
    const before = shown[i - 1];
    if (last !== undefined && now !== undefined && before !== undefined && now.text === before.text) {
      const { startMs = 0 } = given[i - 1] ?? {};
      const goesOn = now.at === null ? before.at !== null : reachedAt !== null && now.at > reachedAt;
      if (cue.startMs >= startMs && goesOn) {
        cues[cues.length - 1] = { ...last, endMs: Math.max(last.endMs, cue.endMs) };
        repeating.push(cue);
        moves ||= now.at !== null;
        reachedAt = now.at ?? reachedAt;
        continue;
      }
    }
    cues.push(cue);
    reachedAt = now?.at ?? null;
  }
  return moves ? { cues, repeating } : { cues: given, repeating: [] };
}

/** Where the only highlight among the words is; null where there is none, or several. */
function highlightAt(raw: string): number | null {
  const found = raw.matchAll(ELEMENT);
  const first = found.next();
  return first.done === true || found.next().done !== true ? null : first.value.index;
}
