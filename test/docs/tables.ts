import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './source-codes.ts';

export interface Row {
  /** First cell without its back quotes. */
  readonly key: string;
  readonly cells: readonly string[];
}

export function readDoc(name: string): string {
  return readFileSync(join(ROOT, 'docs', name), 'utf8');
}

/** Rows whose first cell is code, by the heading that they stand under. */
export function tableRows(markdown: string): Map<string, Row[]> {
  const sections = new Map<string, Row[]>();
  let heading = '';
  for (const line of markdown.split('\n')) {
    heading = /^#+ (.*)$/.exec(line)?.[1] ?? heading;
    const cells = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    const key = /^`([^`]+)`$/.exec(cells[0] ?? '')?.[1];
    if (key !== undefined) sections.set(heading, [...(sections.get(heading) ?? []), { key, cells }]);
  }
  return sections;
}
