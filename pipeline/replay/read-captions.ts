import { readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { UndertoneError } from '../../models/errors.ts';
import { decodeWindows1252 } from '../../models/windows-1252.ts';
import { parseCaptions } from '../captions/parse-captions.ts';
import { DEFAULT_DECODE_LIMITS } from './limits.ts';
import type { ParsedCaptions } from '../captions/parse-captions.ts';

/**
 * Reads a caption file. UTF-8, or UTF-16 with its mark; what is neither is read as UTF-16 or
 * Windows-1252, whichever its zero bytes say, with a warning.
 *
 * @throws UndertoneError `captions_not_found`; `captions_unreadable`, naming the line or why the file cannot be read.
 */
export async function readCaptions(
  file: string,
  maxBytes: number = DEFAULT_DECODE_LIMITS.maxCaptionBytes,
): Promise<ParsedCaptions> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined || !found.isFile()) {
    throw new UndertoneError('captions_not_found', `no caption file at ${file}; check the path`);
  }
  if (found.size > maxBytes) {
    throw new UndertoneError('captions_unreadable', `captions over ${maxBytes} bytes: ${file}; split the file`);
  }
  const bytes = await readFile(file).catch((cause: unknown) => {
    const { code = String(cause) } = cause as NodeJS.ErrnoException;
    throw new UndertoneError(
      'captions_unreadable',
      `${file} cannot be read (${code}); give captions that you may read`,
      {
        cause,
      },
    );
  });
  const { text, warning } = decodeText(bytes);
  const extension = extname(file).toLowerCase();
  const parsed = parseCaptions(text, extension === '.vtt' ? 'vtt' : extension === '.srt' ? 'srt' : undefined);
  return warning === undefined ? parsed : { ...parsed, warnings: [{ line: 1, message: warning }, ...parsed.warnings] };
}

interface DecodedText {
  readonly text: string;
  /** Of an encoding that is a guess. */
  readonly warning?: string;
}

function decodeText(bytes: Uint8Array): DecodedText {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { text: decode('utf-16le', bytes) };
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { text: decode('utf-16be', bytes) };
  const unmarked = unmarkedUtf16(bytes);
  if (unmarked !== undefined) {
    return { text: decode(unmarked, bytes), warning: 'without a mark, read as UTF-16; save it as UTF-8' };
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    const warning = 'not UTF-8, read as Windows-1252; save it as UTF-8 if letters look wrong';
    return { text: decodeWindows1252(bytes), warning };
  }
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
