import { plainWords } from './plain-words.ts';
import type { SweepReport } from './sweep-report.ts';
import {
  calibrationTable,
  curveGroups,
  curveTable,
  methodTable,
  pairsTable,
  virtualTable,
  type Table,
} from './tables.ts';
import { reading } from './reading.ts';

/** The whole report as one Markdown page. */
export function markdown(report: SweepReport): string {
  const { bundle, budget, sets, calibration, pairs } = report;
  const parts = [
    `# Sweep: ${report.preset}`,
    `Embeddings of ${bundle.name} ${bundle.version} (manifest sha256 ${bundle.sha256}); each training ${budget.steps} steps of ${budget.batch} clips.`,
    ...reading(report),
  ];
  for (const set of sets) {
    parts.push(`## ${set.title}`, ...set.notes.map((note) => `Note: ${note}.`), list(plainWords(set)));
    parts.push(table(methodTable(set)), ...curveGroups(set).map((group) => table(curveTable(group))));
    if (set.virtual.length > 0) parts.push(table(virtualTable(set)));
  }
  if (pairs.length > 0) parts.push('## Pairs of another space', table(pairsTable(report)));
  if (calibration.length > 0) parts.push('## Calibration', table(calibrationTable(report)));
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function list(lines: readonly string[]): string {
  return lines.map((text) => `- ${text}`).join('\n');
}

function table({ title, header, rows }: Table): string {
  return [`**${title}**`, '', line(header), `|${header.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
