import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeOut } from '../../make-out.ts';
import { csv } from './csv.ts';
import { html } from './html.ts';
import { markdown } from './markdown.ts';
import type { SweepReport } from './sweep-report.ts';

/** Writes `NAME.html`, `NAME.md`, `NAME.csv` and `NAME.json`, and gives their paths in that order. */
export async function writeReport(folder: string, name: string, report: SweepReport): Promise<string[]> {
  await makeOut(folder);
  const files: readonly (readonly [string, string])[] = [
    ['html', html(report)],
    ['md', markdown(report)],
    ['csv', csv(report)],
    ['json', `${JSON.stringify(report, null, 2)}\n`],
  ];
  const paths: string[] = [];
  for (const [ending, text] of files) {
    const path = join(folder, `${name}.${ending}`);
    await writeFile(path, text);
    paths.push(path);
  }
  return paths;
}
