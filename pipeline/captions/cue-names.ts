/** What stands before the first colon, without brackets, chevrons or a dash, where words follow it. */
const LABEL = /^(?:>{2,3} ?|[-–—] ?)?\[?([^\s:[\]>][^:[\]]{0,59})\]?: (?=\S)/;
/** Each word of a name; short ones in small letters stand between others: `Ludwig van Beethoven`. */
const NAME = /^[\p{Lu}\p{Lt}\p{Lo}][^\s?!…]*(?: (?:\p{Ll}{1,3} )?[\p{Lu}\p{Lt}\p{Lo}\p{N}(][^\s?!…]*){0,4}$/u;

/** Another speaker's name within a cue. */
const OTHER = / (?:>{2,3} ?|[-–—] ?)\[?[\p{L}\p{N}][^\s:[\]]*(?: [^\s:[\]]+){0,4}\]?: (?=\S)/u;

/** Cues of a file that begin with the same name at least, and those that begin with one that comes again. */
const TIMES = 3;
/** Share of a file's cues that begin with a name, where nearly all do, as Zoom writes them. */
const MOST = 3 / 4;
/** Share that begin with one of several names, where they stand before what a new speaker says alone. */
const SOME = 1 / 10;

/** A cue's words without the name before them. */
export interface NamedWords {
  readonly name: string;
  readonly words: string;
}

/**
 * Tells names before the words of a file's cues, `Anna Smith: so good`, from words with a colon, which one cue alone cannot:
 * nearly every cue begins with one and most of them come again, or several come again and again. A name taken for words does
 * less harm than words taken for a name.
 *
 * @param texts the words of every cue, tidy
 * @returns a function of one of them; undefined where it begins with no name, or another speaker's follows in it
 */
export function cueNames(texts: readonly string[]): (text: string) => NamedWords | undefined {
  const counts = new Map<string, number>();
  for (const text of texts) {
    const label = LABEL.exec(text)?.[1];
    if (label !== undefined) counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  const likely = [...counts].filter(([label, count]) => count > 1 || NAME.test(label));
  const again = cuesOf(likely.filter(([, count]) => count > 1));
  const most = again >= TIMES && 2 * again >= cuesOf(likely) && cuesOf(likely) >= MOST * texts.length;
  const often = likely.filter(([label, count]) => count >= TIMES && NAME.test(label));
  const some = often.length > 1 && cuesOf(often) >= SOME * texts.length ? often : [];
  const names = new Set((most ? likely : some).map(([label]) => label));
  return (text) => {
    const [whole = '', name] = LABEL.exec(text) ?? [];
    if (name === undefined || !names.has(name)) return undefined;
    const words = text.slice(whole.length);
    return OTHER.test(words) ? undefined : { name, words };
  };
}

function cuesOf(labels: readonly (readonly [label: string, count: number])[]): number {
  return labels.reduce((sum, [, count]) => sum + count, 0);
}
