/** Something other than spaces, control characters and what has no width. */
const VISIBLE = /[^\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u;

/** On one line, with one space between words; empty where nothing is said. */
export function tidy(text: string): string {
  return VISIBLE.test(text) ? text.replace(/\s+/g, ' ').trim() : '';
}

/** Scripts that are written without spaces between words. */
const UNSPACED = ['Hani', 'Hira', 'Kana', 'Bopo', 'Thai', 'Laoo', 'Khmr', 'Mymr']
  .map((script) => String.raw`\p{scx=${script}}`)
  .join('');

/**
 * What lies between spaces; of an unspaced script each letter, with the marks and punctuation after it.
 *
 * Letters rather than the words of Intl.Segmenter, whose borders move with what follows: what is said later is never part
 * of a word that was said before.
 */
const WORD = new RegExp(String.raw`(?=[\p{L}\p{N}])[${UNSPACED}][^\s\p{L}\p{N}]*|[^\s${UNSPACED}]+`, 'gu');

/** A space, or a letter of an unspaced script: what is cut off ends with the one, or before the other. */
const BORDER = new RegExp(String.raw` |(?=[\p{L}\p{N}])[${UNSPACED}]`, 'u');

/** The end of a text that is longer than `maxLength` UTF-16 units, cut between words where there are any. */
export function keepEnd(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  // Half of a character of two units is none.
  const end = text.slice(-maxLength).replace(/^[\uDC00-\uDFFF]/, '');
  const border = Math.max(0, end.search(BORDER));
  return end.slice(end[border] === ' ' ? border + 1 : border);
}

/** Where each word of a text ends, ascending. */
export function wordEnds(text: string): Uint32Array {
  return Uint32Array.from(text.matchAll(WORD), (match) => match.index + match[0].length);
}

/** True when two texts differ by case, punctuation and spaces at most. */
export function sameWords(a: string, b: string): boolean {
  return a === b || plain(a) === plain(b);
}

function plain(text: string): string {
  return tidy(
    text
      .normalize('NFKC')
      .toLowerCase()
      .replaceAll(/[^\p{Letter}\p{Mark}\p{Number}\s]/gu, ''),
  );
}
