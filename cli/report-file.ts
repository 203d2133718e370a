import { open, writeFile } from 'node:fs/promises';
import { unwritable } from '../models/unwritable.ts';

/**
 * The file that a long command writes its report to: opened at once, so that the command fails before its work and not after it.
 * What the file holds stays until the report is written.
 *
 * @throws UndertoneError `out_unwritable`; so does the function that writes
 */
export async function openReportFile(file: string): Promise<(report: unknown) => Promise<void>> {
  const attempt = async (write: () => Promise<void>): Promise<void> => {
    try {
      await write();
    } catch (error) {
      throw unwritable(error, file, 'name another file', 'out_unwritable');
    }
  };
  await attempt(async () => (await open(file, 'a')).close());
  return async (report) => attempt(async () => writeFile(file, `${JSON.stringify(report, null, 2)}\n`));
}
