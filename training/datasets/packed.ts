import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { checkedImage } from './image-file.ts';
import { unreadable } from './read-text.ts';
import { RowError } from './sink.ts';
import type { Row } from './table.ts';

/** Gives the lazy image of a row with `offset` and `length`, checked against the size of the file. */
export type PackedImages = (row: Row) => () => Uint8Array;

/** `images.bin` of a packed folder: image files one after the other, which a CSV beside it points into. */
export function packedImages(folder: string): PackedImages {
  const file = join(folder, 'images.bin');
  const size = sizeOf(file);
  return (row) => {
    const offset = wholeNumber(row, 'offset');
    const length = wholeNumber(row, 'length');
    if (length === 0 || offset + length > size) {
      throw new RowError('data_image', `bytes ${offset} to ${offset + length} are not in images.bin of ${size} bytes`);
    }
    return () => checkedImage(file, readRange(file, offset, length));
  };
}

function wholeNumber(row: Row, column: string): number {
  const text = row[column] ?? '';
  if (!/^\d{1,15}$/.test(text)) {
    throw new RowError('data_columns', `${column} is "${text}", expected a whole number of bytes`);
  }
  return Number(text);
}

function sizeOf(file: string): number {
  const found = statSync(file);
  if (!found.isFile()) throw unreadable(file, new Error('not a file'));
  return found.size;
}

/** @throws UndertoneError `data_unreadable` */
function readRange(file: string, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const handle = openFile(file);
  try {
    const got = readSync(handle, bytes, 0, length, offset);
    return bytes.subarray(0, got);
  } finally {
    closeSync(handle);
  }
}

function openFile(file: string): number {
  try {
    return openSync(file, 'r');
  } catch (error) {
    throw unreadable(file, error);
  }
}
