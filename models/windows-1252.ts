/**
 * Characters of the bytes 0x80 to 0x9f (WHATWG Encoding, index windows-1252); all others are those of Latin-1.
 *
 * Written out because `TextDecoder('windows-1252')` of Node 20 decodes these bytes as Latin-1's control characters, unlike
 * browsers.
 */
const HIGH =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f' +
  '\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';

const BYTES = new Map(Array.from(HIGH, (character, index) => [character, 0x80 + index]));

/** Decodes bytes as Windows-1252, in browsers as well; every byte is a character. */
export function decodeWindows1252(bytes: Uint8Array): string {
  return fromLatin1(new TextDecoder('windows-1252').decode(bytes));
}

/** Replaces the control characters U+0080 to U+009F by what Windows-1252 has in their place. */
export function fromLatin1(text: string): string {
  return text.replaceAll(/[\u0080-\u009f]/g, (c) => HIGH[c.charCodeAt(0) - 0x80] ?? c);
}

/** The byte of a character in Windows-1252; undefined where it has none. */
export function windows1252Byte(character: string): number | undefined {
  const code = character.charCodeAt(0);
  return BYTES.get(character) ?? (character.length === 1 && code < 0x100 ? code : undefined);
}
