/** What stands before the first colon, without brackets, chevrons or a dash, where words follow it. */
const LABEL = /^(?:>{2,3} ?|[-–—] ?)?\[?([^\s:[\]>][^:[\]]{0,59})\]?: (?=\S)/;
/** Each word of a name; short ones in small letters stand between others: `Ludwig van Beethoven`. */
const NAME = /^[\p{Lu}\p{Lt}\p{Lo}][^\s?!…]*(?: (?:\p{Ll}{1,3} )?[\p{Lu}\p{Lt}\p{Lo}\p{N}(][^\s?!…]*){0,4}$/u;

/** Cues of a file that begin with the same name at least. */
const TIMES = 3;
/** Share of a file's cues that begin with a name, where nearly all do, as Zoom writes them. */
const MOST = 3 / 4;

/** A cue's words without the name before them. */
export interface NamedWords {
  readonly name: string;
  readonly words: string;
}

/**
 * Tells names before the words of a file's cues, `Anna Smith: so good`, from words with a colon, which one cue alone cannot:
 * names come again, or nearly every cue begins with one.
 *
 * @param texts the words of every cue, tidy
 * @returns a function of one of them; undefined where it begins with no name
 */
export function cueNames(texts: readonly string[]): (text: string) => NamedWords | undefined {
  const counts = new Map<string, number>();
  let labelled = 0;
  for (const text of texts) {
    const label = LABEL.exec(text)?.[1];
    if (label === undefined) continue;
    labelled += 1;
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  const most = labelled > 1 && labelled >= MOST * texts.length;
  const isName = (label: string): boolean => {
    const count = counts.get(label) ?? 0;
    return NAME.test(label) ? most || count >= TIMES : most && count > 1;
  };
  return (text) => {
    const [whole = '', name] = LABEL.exec(text) ?? [];
    return name === undefined || !isName(name) ? undefined : { name, words: text.slice(whole.length) };
  };
}
