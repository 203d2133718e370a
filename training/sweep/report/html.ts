import type { SetReport } from '../set-report.ts';
import { curveSvg, strokeOf } from './curve-svg.ts';
import { escapeHtml } from '../../../models/escape-html.ts';
import { plainWords } from './plain-words.ts';
import { reading } from './reading.ts';
import { reliabilitySvg } from './reliability-svg.ts';
import { STYLE } from './style.ts';
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
import { digits } from './words.ts';

/** The report as one HTML page that needs nothing else: no server, no script, no other file. */
export function html(report: SweepReport): string {
  const { bundle, budget, preset, sets, calibration, pairs } = report;
  const head = `Embeddings of ${bundle.name} ${bundle.version}, manifest sha256 ${bundle.sha256.slice(0, 12)}…; each training ${budget.steps} steps of ${budget.batch} clips; ${report.created}.`;
  const body = [
    `<h1>Sweep: ${escapeHtml(preset)}</h1>`,
    `<p class="quiet">${escapeHtml(head)}</p>`,
    ...reading(report).map((text) => `<p>${escapeHtml(text)}</p>`),
    ...sets.map(section),
    ...(pairs.length === 0 ? [] : [`<section><h2>Pairs of another space</h2>${table(pairsTable(report))}</section>`]),
    ...(calibration.length === 0 ? [] : [calibrationSection(report)]),
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Sweep: ${escapeHtml(preset)}</title><style>${STYLE}</style></head>
<body><main>
${body.join('\n')}
</main></body></html>
`;
}

function section(set: SetReport): string {
  const order = set.methods.map(({ name }) => name);
  const legend = set.methods.map(({ name, title }, i) => {
    const { colour, dash } = strokeOf(i);
    const line = `<svg viewBox="0 0 28 8"><line x1="0" x2="28" y1="4" y2="4" stroke="${colour}" stroke-width="${i === 0 ? 3 : 2}"${dash === '' ? '' : ` stroke-dasharray="${dash}"`}/></svg>`;
    return `<li title="${escapeHtml(title)}">${line}${escapeHtml(name)}</li>`;
  });
  const groups = curveGroups(set);
  const pictures = set.measures.map(({ name, better }) => {
    const own = groups.filter(({ measure }) => measure === name);
    const figures = own.map(
      (group) => `<figure><figcaption>${escapeHtml(group.title)}</figcaption>${curveSvg(group, order)}</figure>`,
    );
    return `<h3>${escapeHtml(name)} <small>${better} is better</small></h3><div class="figures">${figures.join('')}</div>`;
  });
  return `<section><h2>${escapeHtml(set.title)}</h2>
${set.notes.map((note) => `<p class="note">${escapeHtml(note)}.</p>`).join('')}
<ul>${plainWords(set)
    .map((line) => `<li>${escapeHtml(line)}</li>`)
    .join('')}</ul>
<ul class="legend">${legend.join('')}</ul>
${pictures.join('\n')}
<details><summary>Tables</summary>${[methodTable(set), ...groups.map(curveTable)].map(table).join('')}</details>
${set.virtual.length === 0 ? '' : table(virtualTable(set))}
</section>`;
}

function calibrationSection(report: SweepReport): string {
  const figures = report.calibration.map(({ pattern, before, after }) => {
    const one = (what: string, which: typeof before): string =>
      `<div>${reliabilitySvg(`${pattern}, ${what}`, which)}<p class="quiet">${what}: ECE ${digits(which.ece)}</p></div>`;
    return `<figure><figcaption>${escapeHtml(pattern)}</figcaption><div class="pair">${one('temperature 1', before)}${one('as served', after)}</div></figure>`;
  });
  return `<section><h2>Calibration</h2>
<p>How often the bundle's own heads are right, by how confident they are: bars on the diagonal can be believed as they are. The strip below shows how many predictions there are.</p>
${table(calibrationTable(report))}<div class="figures small">${figures.join('')}</div></section>`;
}

function table({ title, header, rows }: Table): string {
  return `<div class="table"><table><caption>${escapeHtml(title)}</caption><thead>${cells(header, 'th')}</thead><tbody>${rows.map((row) => cells(row, 'td')).join('')}</tbody></table></div>`;
}

function cells(row: readonly string[], tag: string): string {
  return `<tr>${row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`;
}
