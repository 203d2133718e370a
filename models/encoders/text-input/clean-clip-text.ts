import { decodeHTML, decodeHTMLStrict } from 'entities';

const LIGATURES = /[\u0132\u0133\u0149\u01c4-\u01cc\u01f1-\u01f3\ufb00-\ufb06]/g;
const WIDE_OR_NARROW = /[\u3000\uff01-\uffef]/g;
const SINGLE_QUOTES = /[\u02bc\u2018-\u201b]/g;
const DOUBLE_QUOTES = /[\u201c-\u201f]/g;
// oxlint-disable-next-line no-control-regex
const TERMINAL_ESCAPES = /\u001b\[[\d;]*[a-zA-Z]/g;
// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u0008\u000b\u000e-\u001f\u007f\u206a-\u206f\ufeff\ufff9-\ufffc]/g;
const LONE_SURROGATES = /\p{Surrogate}/gu;
const BLANKS = /[\s\u0085]+/g;

/**
 * A text as CLIP's own tokenizer cleans it (`basic_clean` and `whitespace_clean` of openai/CLIP): entities resolved,
 * quotes straight, full-width letters and ligatures plain, control characters gone, NFC, blanks collapsed. Case is the
 * tokenizer's.
 *
 * Of the library ftfy that CLIP calls, its guess at wrongly decoded text (`Ã©` for `é`) is left out: captions are Unicode
 * all the way.
 */
export function cleanClipText(text: string): string {
  const plain = text.includes('<') ? text : decodeHTMLStrict(text);
  const fixed = plain
    .replaceAll(LONE_SURROGATES, '\ufffd')
    .replaceAll(LIGATURES, (c) => c.normalize('NFKC'))
    .replaceAll(WIDE_OR_NARROW, (c) => c.normalize('NFKC'))
    .replaceAll(SINGLE_QUOTES, "'")
    .replaceAll(DOUBLE_QUOTES, '"')
    .replaceAll(TERMINAL_ESCAPES, '')
    .replaceAll(CONTROLS, '')
    .normalize('NFC');
  return decodeHTML(decodeHTML(fixed)).replaceAll(BLANKS, ' ').trim();
}
