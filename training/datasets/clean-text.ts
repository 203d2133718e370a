import { decodeWindows1252, fromLatin1, windows1252Byte } from '../../models/windows-1252.ts';

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const UTF_16 = [
  { mark: [0xff, 0xfe], decoder: new TextDecoder('utf-16le') },
  { mark: [0xfe, 0xff], decoder: new TextDecoder('utf-16be') },
];

/**
 * Bytes of a text file as a string: UTF-16 where it begins with a byte order mark of that, as spreadsheets save it, then
 * UTF-8, else Windows-1252; byte order marks are dropped.
 */
export function decodeText(bytes: Uint8Array): string {
  const wide = UTF_16.find(({ mark }) => mark.every((byte, i) => bytes[i] === byte));
  if (wide !== undefined) return wide.decoder.decode(bytes);
  try {
    return UTF_8.decode(bytes);
  } catch {
    const marked = BYTE_ORDER_MARK.every((byte, i) => bytes[i] === byte);
    return decodeWindows1252(marked ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes);
  }
}

const PLAIN: Readonly<Record<string, string>> = {
  '\u2018': "'",
  '\u2019': "'",
  '\u201a': "'",
  '\u201b': "'",
  '\u2032': "'",
  '\u201c': '"',
  '\u201d': '"',
  '\u201e': '"',
  '\u2033': '"',
};
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/**
 * Text as a person would have typed it: mojibake undone, HTML entities resolved, curly quotes straight, white space and
 * control characters collapsed into single blanks, ends trimmed. Case, accents, emoji, URLs and @names stay.
 */
export function cleanText(text: string): string {
  return fromLatin1(unscramble(text))
    .replaceAll(/&(amp|lt|gt|quot|apos|nbsp);/g, (all, name: string) => ENTITIES[name] ?? all)
    .replaceAll(/&#(\d{1,7});/g, (all, code: string) => characterOf(Number(code)) ?? all)
    .replaceAll(/[\u2018-\u201b\u2032\u201c-\u201e\u2033]/g, (c) => PLAIN[c] ?? c)
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();
}

/** UTF-8's bytes of one character above ASCII, as they look when read as Windows-1252. */
const SCRAMBLED = /[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]{1,3}/g;

/** Undoes UTF-8 that was read as Windows-1252 (`â€™`, `Ã©`); what does not decode stays as it is. */
function unscramble(text: string): string {
  return text.replaceAll(SCRAMBLED, (run) => {
    const length = run < '\u00e0' ? 2 : run < '\u00f0' ? 3 : 4;
    const bytes = Array.from(run.slice(0, length), (c) => windows1252Byte(c) ?? 0xff);
    try {
      return UTF_8.decode(Uint8Array.from(bytes)) + run.slice(length);
    } catch {
      return run;
    }
  });
}

function characterOf(code: number): string | undefined {
  return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : undefined;
}
