/** Bytes that stand for themselves: the visible characters of Latin-1. */
const VISIBLE: readonly (readonly [number, number])[] = [
  [0x21, 0x7e],
  [0xa1, 0xac],
  [0xae, 0xff],
];

/**
 * The character by which byte-level tokenizers spell each byte: visible Latin-1 characters stand for themselves, the
 * others for U+0100 and on in order (Radford et al., GPT-2, 2019; the `ByteLevel` pre-tokenizer of tokenizers).
 */
export const BYTE_ALPHABET: readonly string[] = (() => {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) =>
    String.fromCharCode(VISIBLE.some(([first, last]) => byte >= first && byte <= last) ? byte : next++),
  );
})();
