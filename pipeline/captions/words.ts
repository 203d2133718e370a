/** On one line, with one space between words; empty where nothing is said. */
export function tidy(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** @param text as {@link tidy} gives it, here and below */
export function countWords(text: string): number {
  if (text === '') return 0;
  let count = 1;
  for (let at = text.indexOf(' '); at >= 0; at = text.indexOf(' ', at + 1)) count++;
  return count;
}

/** The first `count` words; what comes after them is not read. */
export function firstWords(text: string, count: number): string {
  if (count <= 0) return '';
  let end = -1;
  for (let words = 0; words < count; words++) {
    end = text.indexOf(' ', end + 1);
    if (end < 0) return text;
  }
  return text.slice(0, end);
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
