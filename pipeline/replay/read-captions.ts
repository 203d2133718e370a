import { readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { UndertoneError } from '../../models/errors.ts';
import { decodeCaptions } from '../captions/decode-captions.ts';
import { parseCaptions } from '../captions/parse-captions.ts';
import { DEFAULT_DECODE_LIMITS } from './limits.ts';
import { noFile } from './no-file.ts';
import type { CaptionFormat, ParsedCaptions } from '../captions/parse-captions.ts';

/**
 * Reads a caption file, in any encoding of `decodeCaptions`.
 *
 * @throws UndertoneError `captions_not_found`; `captions_unreadable`, naming the line or why the file cannot be read.
 */
export async function readCaptions(
  file: string,
  maxBytes: number = DEFAULT_DECODE_LIMITS.maxCaptionBytes,
): Promise<ParsedCaptions> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined || !found.isFile()) {
    throw new UndertoneError('captions_not_found', noFile(file, found, 'caption'));
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
  const { text, warning } = decodeCaptions(bytes);
  const extension = extname(file).toLowerCase();
  const parsed = parsedFrom(file, text, extension === '.vtt' ? 'vtt' : extension === '.srt' ? 'srt' : undefined);
  return warning === undefined ? parsed : { ...parsed, warnings: [{ line: 1, message: warning }, ...parsed.warnings] };
}

function parsedFrom(file: string, text: string, format: CaptionFormat | undefined): ParsedCaptions {
  try {
    return parseCaptions(text, format);
  } catch (error) {
    throw error instanceof UndertoneError
      ? new UndertoneError(error.code, `${file}: ${error.message}`, { cause: error })
      : error;
  }
}
