import { readFile } from 'node:fs/promises';
import { UndertoneError } from '../../models/errors.ts';
import { decodeText } from './clean-text.ts';

/** A file of a data set, decoded. @throws UndertoneError `data_unreadable` */
export async function readText(file: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw unreadable(file, error);
  }
  return decodeText(bytes);
}

/** The error for a file that is there and cannot be read: a folder of its name, no permission, a broken disk. */
export function unreadable(file: string, cause: unknown): UndertoneError {
  const { code = String(cause) } = cause as NodeJS.ErrnoException;
  return new UndertoneError('data_unreadable', `${file} cannot be read (${code}); restore the data set's file`, {
    cause,
  });
}
