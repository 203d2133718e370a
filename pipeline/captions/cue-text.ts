import { decodeHTMLStrict } from 'entities/decode';
import { tidy } from './words.ts';

/** Words of one cue, without markup. */
export interface CueText {
  /** One line; whitespace collapsed. */
  readonly text: string;
  /** The cue's voice, when it names exactly one. */
  readonly speaker?: string;
}

/** Ruby annotations repeat the base text in another script. */
const RUBY_ANNOTATION = /<rt[^>]*(?:>[\s\S]*?(?:<\/rt>|(?=<\/ruby>)|$)|$)/gi;
/** WebVTT and HTML tags and inner timestamps; a lone `<` before a space or a digit that is no timestamp is text. */
const TAG = /<\/?[a-z][^>]*(?:>|$)|<\d+(?::\d+)+(?:\.\d+)?>|<\/?>/gi;
/** Positions and styles that SubStation writes into SRT: `{\an8}`. */
const OVERRIDE = /\{\\[^}]*(?:\}|$)/g;
/** Hard spaces and line breaks of SubStation, which ffmpeg leaves in SRT and WebVTT that it makes of it and of television's captions. */
const ESCAPE = /\\[hN]/g;
/** A path of Windows has none of them: `C:\New`; what is a line break after `Q:` goes on with a capital. */
const PATH = /\b[A-Za-z]:\\(?!N\P{Ll}|h\\)/u;
/** One tag that names a voice. */
const VOICE = /^<v(?:\.[^\s>]*)?[ \t]+([^>]+)>$/i;

/**
 * Strips the markup of a WebVTT or SRT cue and resolves its entities.
 *
 * Markup that is never closed is text. It is matched all the same, up to the end, so that it is looked at once and the
 * work is in proportion to the cue.
 */
export function cueText(payload: string): CueText {
  const speakers = new Set<string>();
  const tag = (markup: string): string => {
    if (!markup.endsWith('>')) return markup;
    const voice = VOICE.exec(markup)?.[1];
    if (voice !== undefined) speakers.add(tidy(entities(voice)));
    return '';
  };
  const text = payload
    .replace(RUBY_ANNOTATION, (markup) => (markup.includes('>') ? '' : markup))
    .replace(TAG, tag)
    .replace(OVERRIDE, (markup) => (markup.endsWith('}') ? '' : markup))
    .replace(/\S+/g, (word) => (PATH.test(word) ? word : word.replace(ESCAPE, ' ')));
  speakers.delete('');
  const [speaker] = speakers;
  return { text: tidy(entities(text)), ...(speakers.size === 1 && speaker !== undefined ? { speaker } : {}) };
}

/** Numbers, and the names of HTML, which WebVTT takes; what is no entity stays as it is. */
function entities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|[a-z][a-z\d]{1,31});/gi, (whole, decimal, hex) => {
    if (decimal === undefined && hex === undefined) return named(whole);
    const code = typeof decimal === 'string' ? Number(decimal) : Number.parseInt(String(hex), 16);
    return code > 0 && code <= 0x10_ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : whole;
  });
}

/** Names in the wrong case are taken, too: `&NBSP;`. */
function named(entity: string): string {
  const spellings = [entity, entity.toLowerCase()];
  const known = spellings.find((spelling) => decodeHTMLStrict(spelling) !== spelling);
  return known === undefined ? entity : decodeHTMLStrict(known);
}
