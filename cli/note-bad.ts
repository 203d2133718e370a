import { note } from './note.ts';

/** Tells of a row or a sample that is left out, and why. */
export function noteBad({ message }: Error): void {
  note(`left out: ${message}`);
}
