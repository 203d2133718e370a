import { EXIT } from '../models/errors.ts';
import { note } from './note.ts';

/**
 * A reader of stdout that has read enough, such as `head`, ends no command: what is printed after that is lost, and files are
 * written all the same. Whatever else keeps the text from its place, such as a full disk, is a failure.
 */
export function watchOutput(): void {
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') return;
    process.exitCode = EXIT.failure;
    note(`cannot print the result: ${message} (out_unwritable)`);
  });
  process.stderr.on('error', () => undefined);
}
