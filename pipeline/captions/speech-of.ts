import { describesSound } from './describes-sound.ts';
import { tidy } from './words.ts';

/** Without one of these there is nothing but speech. */
const MARK = /[[(<>:♩♪♫♬［【（]/;
/** WebVTT's voice, which says who speaks. */
const VOICE = /<v(?:[. \t][^<>]*)?>|<\/v>/gi;
const NOTES = /[♩♪♫♬]+/g;
/** What is in square brackets was added by whoever wrote the captions, with the colon after a name; long ones are left alone. */
const SQUARE = /(?:\[[^[\]]{0,100}\]|［[^［］]{0,100}］|【[^【】]{0,100}】)(?::(?=\s|$))?/g;
const ROUND = /\(([^()]{1,60})\)|（([^（）]{1,60})）/g;
/** Another speaker begins. */
const CHEVRONS = /(^|\s)>{2,3}(?=\s|\p{L}|$)/gu;
/** A name in capitals and a colon, at the start, after a sentence, or after the dash or chevrons of another speaker. */
const LABEL =
  /(^|[.?!…♪]["”'’)\]]?\s|(?:^|\s)[-–—]\s?|(?:^|\s)>{2,3}\s?)(\p{Lu}[\p{Lu}\p{M}\p{N} .'’#&_-]{1,40}):(?=\s|$)/gu;
/** After chevrons a name may be written in any case. */
const NAMED = /(^|\s)>{2,3}\s?\p{Lu}[\p{L}\p{M}.'’-]*(?: \p{Lu}[\p{L}\p{M}.'’-]*){0,3}:(?=\s|$)/gu;
/** Labels of recognisers that tell speakers apart: `Speaker 1:`, `SPEAKER_00:`. */
const NUMBERED = /(^|\s)speaker[ _]?(?:\d{1,3}|[a-z]):(?=\s|$)/gi;

const LOWER = /\p{Ll}/u;
const UPPER = /\p{Lu}/u;
const SAYS = /[\p{L}\p{N}\p{Extended_Pictographic}]/u;

/**
 * The words of a caption that somebody says or sings, tidy; empty where there are none.
 *
 * Left out is what captioning guidelines (BBC, Netflix, DCMP and FCC) add to speech: descriptions in square brackets; those in
 * round ones that name a sound or a manner, or are capitals among other letters; names of speakers; notes. Words between
 * notes are sung and stay. Where everything is in capitals, capitals tell no name.
 *
 * @param text at most 4,096 characters; the work is in proportion to them
 */
export function speechOf(text: string): string {
  const given = tidy(text);
  if (!MARK.test(given)) return given;
  const bare = given.replace(VOICE, ' ').replace(SQUARE, ' ');
  const mixed = LOWER.test(bare.replace(ROUND, ''));
  const words = tidy(bare).replace(ROUND, (whole: string, narrow?: string, wide?: string) => {
    const inside = narrow ?? wide ?? '';
    const capitals = mixed && inside.includes(' ') && UPPER.test(inside) && !LOWER.test(inside);
    return capitals || describesSound(inside) ? ' ' : whole;
  });
  const said = tidy(withoutLabels(words.trim()).replace(CHEVRONS, '$1').replace(NOTES, ' '));
  if (said === given) return given;
  return SAYS.test(said) ? said.replace(/^(?:[,.;:…]\s+)+/, '').replace(/\s+(?=[,.;:?!…](?:\s|$))/g, '') : '';
}

/** Without the names of speakers. */
function withoutLabels(words: string): string {
  const text = words.replace(NAMED, '$1').replace(NUMBERED, '$1');
  const [lastLower, lastUpper] = [lastOf(text, LOWER), lastOf(text, UPPER)];
  return text.replace(LABEL, (whole: string, before: string, _name: string, at: number) => {
    const end = at + whole.length;
    return before.includes('>>') || lastLower >= end || lastUpper < end ? before : whole;
  });
}

/** Where the last letter of a kind is; -1 where there is none. */
function lastOf(text: string, kind: RegExp): number {
  for (let at = text.length - 1; at >= 0; at--) if (kind.test(text.charAt(at))) return at;
  return -1;
}
