import type { Readable } from 'node:stream';
import { oneLine } from './one-line.ts';

/** Most characters of the stream that are kept. */
const KEPT = 4096;

/** Reads what a process writes; the function gives the last line of it so far, at most 200 characters, or an empty text. */
export function lastLine(stream: Readable | null): () => string {
  let end = '';
  stream?.setEncoding('utf8').on('data', (text: string) => {
    end = (end + text).slice(-KEPT);
  });
  return () => oneLine(end.trim().split('\n').at(-1), 200);
}
