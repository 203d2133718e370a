import { readFileSync } from 'node:fs';

import { UndertoneError } from '../../models/errors.ts';

/** Endings of image files, as published data sets use them. */
export const IMAGE_FILE = /\.(jpe?g|png|webp)$/i;

/** Lazy image from a file of its own. */
export function imageOfFile(file: string): () => Uint8Array {
  return () => {
    let bytes: Uint8Array;
    try {
      bytes = readFileSync(file);
    } catch (error) {
      throw new UndertoneError('data_image', `${file} cannot be read; restore the data set's file`, { cause: error });
    }
    return checkedImage(file, bytes);
  };
}

/** The bytes themselves. @throws UndertoneError `data_image` unless they start as a JPEG, PNG or WebP file does */
export function checkedImage(file: string, bytes: Uint8Array): Uint8Array {
  const head = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  const known = head.startsWith('\xff\xd8\xff') || head.startsWith('\x89PNG\r\n') || /^RIFF.{4}WEBP/s.test(head);
  if (!known) throw new UndertoneError('data_image', `${file} holds bytes that are no JPEG, PNG or WebP image`);
  return bytes;
}
