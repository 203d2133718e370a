import { decodeWindows1252 } from '../../models/windows-1252.ts';

export interface DecodedCaptions {
  readonly text: string;
  /** Of an encoding that is a guess, or broken. */
  readonly warning?: string;
}

/**
 * The text of a caption file: UTF-8, or UTF-16 with its mark; what is neither is read as UTF-16, as UTF-8 with broken
 * characters or as Windows-1252, whichever its bytes say, with a warning.
 */
export function decodeCaptions(bytes: Uint8Array): DecodedCaptions {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { text: decode('utf-16le', bytes) };
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { text: decode('utf-16be', bytes) };
  const unmarked = unmarkedUtf16(bytes);
  if (unmarked !== undefined) {
    return { text: decode(unmarked, bytes), warning: 'without a mark, read as UTF-16; save it as UTF-8' };
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    const { text, broken } = brokenUtf8(bytes);
    if (text !== undefined) {
      const places = broken === 1 ? 'a broken character' : `${broken} broken characters`;
      return { text, warning: `UTF-8 with ${places}, read as \uFFFD; copy or save the file again` };
    }
    const warning = 'not UTF-8, read as Windows-1252; save it as UTF-8 if letters look wrong';
    return { text: decodeWindows1252(bytes), warning };
  }
}

/** Whole characters that there are for each broken one at least, where a text is UTF-8: in others they come by chance. */
const WHOLE_TO_BROKEN = 3;

/** Without a text where it is not UTF-8. */
function brokenUtf8(bytes: Uint8Array): { readonly text?: string; readonly broken: number } {
  const text = decode('utf-8', bytes);
  const count = (pattern: RegExp): number => text.match(pattern)?.length ?? 0;
  const broken = count(/\uFFFD/g);
  const isMarked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const isUtf8 = isMarked || count(/[^\0-\x7F\uFFFD]/gu) >= WHOLE_TO_BROKEN * broken;
  return isUtf8 ? { text, broken } : { broken };
}

/** In UTF-16, the digits, arrows and line ends of captions have a zero byte: the second in LE, the first in BE. */
function unmarkedUtf16(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const head = bytes.subarray(0, 256);
  const zeros = (odd: 0 | 1): number => head.filter((byte, at) => at % 2 === odd && byte === 0).length;
  const [even, odd] = [zeros(0), zeros(1)];
  if (Math.max(even, odd) < head.length / 8) return undefined;
  if (odd > 4 * even) return 'utf-16le';
  return even > 4 * odd ? 'utf-16be' : undefined;
}

function decode(encoding: string, bytes: Uint8Array): string {
  return new TextDecoder(encoding).decode(bytes);
}
