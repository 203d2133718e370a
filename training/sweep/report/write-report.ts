import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UndertoneError } from '../../../models/errors.ts';
import { writeWhole } from '../../engine/write-whole.ts';
import { makeOut } from '../../make-out.ts';
import { csv } from './csv.ts';
import { html } from './html.ts';
import { markdown } from './markdown.ts';
import type { SweepReport } from './sweep-report.ts';

const FORMS: readonly (readonly [ending: string, write: (report: SweepReport) => string])[] = [
  ['html', html],
  ['md', markdown],
  ['csv', csv],
  ['json', (report) => `${JSON.stringify(report, null, 2)}\n`],
];

/** Makes the folder of a report before hours go into it. @throws UndertoneError `out_unwritable`, also where a folder has a file's name */
export async function makeReportFolder(folder: string, name: string): Promise<void> {
  await makeOut(folder);
  for (const [ending] of FORMS) {
    const path = join(folder, `${name}.${ending}`);
    const there = await stat(path).catch(() => undefined);
    if (there?.isDirectory() === true)
      throw new UndertoneError('out_unwritable', `${path} is a folder; remove it, or give another --out`);
  }
}

/**
 * Writes `NAME.html`, `NAME.md`, `NAME.csv` and `NAME.json`, each whole or not at all, and gives their paths in that order.
 *
 * @throws UndertoneError `out_unwritable`, `checkpoint_unwritable`
 */
export async function writeReport(folder: string, name: string, report: SweepReport): Promise<string[]> {
  await makeReportFolder(folder, name);
  const paths: string[] = [];
  for (const [ending, write] of FORMS) {
    const path = join(folder, `${name}.${ending}`);
    await writeWhole(path, (file) => file.writeFile(write(report)));
    paths.push(path);
  }
  return paths;
}
