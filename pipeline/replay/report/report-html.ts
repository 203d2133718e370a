import { basename } from 'node:path';
import { escapeHtml } from '../../../models/escape-html.ts';
import { clockTime, percent, shares, signed } from '../figures.ts';
import type { ModalitySummary, ReplaySummary } from '../summary.ts';
import type { Column } from './columns.ts';
import { SCRIPT } from './script.ts';
import { scoreSvg } from './score-svg.ts';
import { STYLE } from './style.ts';
import { timeTicks } from './time-ticks.ts';
import { columnText, SOURCE_WORDS, spaced, title } from './words.ts';

/**
 * A replay as one HTML page that needs no server and no other file: the score over time, what each modality gave, and the
 * figures of the summary. It holds no word and no picture of the recording, which plays beside it as long as it is where it
 * was.
 *
 * @param recordingUrl address of the video, relative to the page; null where there is none
 */
export function reportHtml(summary: ReplaySummary, columns: readonly Column[], recordingUrl: string | null): string {
  const { input, predictions, bundle, options } = summary;
  const name = basename(input.video ?? input.captions ?? 'recording');
  const head =
    `${clockTime(input.duration_ms, true)} · ${predictions.written} predictions, one every ${options.hop_ms} ms · ` +
    `${bundle.name} ${bundle.version} on ${summary.device.provider}`;
  const body = [
    `<header><h1>${escapeHtml(name)}</h1><p class="quiet">${escapeHtml(head)}</p></header>`,
    ...notices(summary),
    recordingUrl === null ? '' : video(recordingUrl, name),
    columns.length === 0 ? '' : timeline(summary, columns),
    `<section class="figures">${figures(summary).join('\n')}</section>`,
    `<footer class="quiet">Neighbouring times have most of their window in common, so they are no independent samples. ` +
      `<code>timeline.csv</code> has every result, <code>summary.json</code> these figures.</footer>`,
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(name)} · Undertone</title><style>${STYLE}</style></head>
<body><main>
${body.filter((part) => part !== '').join('\n')}
</main>
<script type="application/json" id="columns">${inScript(columns.map((column) => ({ startMs: column.startMs, text: columnText(column) })))}</script>
<script>${SCRIPT}</script></body></html>
`;
}

function notices({ status, predictions: { written, expected }, warnings }: ReplaySummary): string[] {
  const why = written < expected ? `${written} of ${expected} predictions are there` : 'the video breaks off';
  const partial = status === 'partial' ? [`Partial: ${why}.`] : [];
  const told = warnings.map(
    ({ code, message, count }) => `${message}${count > 1 ? ` (and ${count - 1} more)` : ''} (${code})`,
  );
  const items = [...partial, ...told].map((text) => `<li>${escapeHtml(text)}</li>`);
  return items.length === 0 ? [] : [`<ul class="notices">${items.join('')}</ul>`];
}

function video(url: string, name: string): string {
  return `<figure id="recording"><video src="${escapeHtml(url)}" controls playsinline preload="metadata"></video>
<figcaption class="quiet" hidden>This browser cannot play ${escapeHtml(name)}, or it is not where it was.</figcaption></figure>`;
}

function timeline({ modalities }: ReplaySummary, columns: readonly Column[]): string {
  const totalMs = columns.at(-1)?.endMs ?? 1;
  const ticks = timeTicks(totalMs).map((ms) => `<span style="left:${place(ms, totalMs)}">${clockTime(ms)}</span>`);
  const legend = [
    ...Object.entries(SOURCE_WORDS).map(([source, word]) => `<li><i class="source ${source}"></i>${word}</li>`),
    ...Object.keys(columns[0]?.alone ?? {}).map((name, i) => {
      const line = `<svg viewBox="0 0 20 10"><polyline class="alone n${i}" points="0,5 20,5"/></svg>`;
      return `<li>${line}${escapeHtml(spaced(name))} alone</li>`;
    }),
  ];
  const lanes = Object.keys(modalities).map(
    (name) => `<span class="side">${escapeHtml(title(name))}</span><div class="lane">${lane(name, columns)}</div>`,
  );
  return `<section><div class="top"><h2>Over time</h2><ul class="legend">${legend.join('')}</ul></div>
<p id="reading"></p>
<div class="chart"><div class="side scale"><span>positive</span><span>neutral</span><span>negative</span></div>
<div id="plot" tabindex="0" role="slider" aria-label="Time" aria-valuemin="0" aria-valuemax="${columns.length - 1}" aria-valuenow="0">${scoreSvg(columns)}</div>
${lanes.join('\n')}
<span class="side"></span><div class="ticks">${ticks.join('')}</div><div id="cursor" hidden></div></div></section>`;
}

/** A box for every stretch of one source. */
function lane(modality: string, columns: readonly Column[]): string {
  const totalMs = columns.at(-1)?.endMs ?? 1;
  const boxes: string[] = [];
  for (let from = 0, to = 0; from < columns.length; from = to) {
    const source = columns[from]?.sources[modality] ?? 'absent';
    while (to < columns.length && (columns[to]?.sources[modality] ?? 'absent') === source) to++;
    const [startMs, endMs] = [columns[from]?.startMs ?? 0, columns[to - 1]?.endMs ?? 0];
    boxes.push(
      `<i class="source ${source}" style="left:${place(startMs, totalMs)};width:${place(endMs - startMs, totalMs)}"></i>`,
    );
  }
  return boxes.join('');
}

function figures({ score, predictions, emotions, modalities }: ReplaySummary): string[] {
  const cards: string[] = [];
  if (score !== null) {
    const range = `from ${signed(score.min)} to ${signed(score.max)}, half of it between ${signed(score.p25)} and ${signed(score.p75)}`;
    cards.push(card('Score', `<p class="great">${signed(score.mean)}</p><p class="quiet">mean, ${range}</p>`));
    const { negative, neutral, positive } = predictions.by_label;
    const total = negative + neutral + positive;
    const labels = bars({ negative: negative / total, neutral: neutral / total, positive: positive / total });
    cards.push(card('Label', `${labels}<p class="quiet">the likeliest class, not the sign of the score</p>`));
  }
  if (emotions !== null && Object.keys(emotions).length > 0) {
    const sorted = Object.entries(emotions).sort((a, b) => b[1] - a[1]);
    cards.push(card('Emotions', bars(Object.fromEntries(sorted))));
  }
  for (const [name, modality] of Object.entries(modalities)) cards.push(card(title(name), presence(modality)));
  return cards;
}

function presence({ sources, causes }: ModalitySummary): string {
  const known = Object.entries(SOURCE_WORDS).map(([source, word]) => [word, sources[source as keyof typeof sources]]);
  const missing = shares(causes);
  return (
    bars(Object.fromEntries(known)) + (missing === '' ? '' : `<p class="quiet">missing: ${escapeHtml(missing)}</p>`)
  );
}

function card(heading: string, content: string): string {
  return `<div class="card"><h2>${escapeHtml(heading)}</h2>${content}</div>`;
}

function bars(values: Readonly<Record<string, number>>): string {
  const rows = Object.entries(values).map(
    ([name, share]) =>
      `<dt>${escapeHtml(name)}</dt><dd><i style="width:${(100 * share).toFixed(1)}%"></i></dd><dd>${escapeHtml(percent(share))}</dd>`,
  );
  return `<dl>${rows.join('')}</dl>`;
}

function place(ms: number, ofMs: number): string {
  return `${((100 * ms) / ofMs).toFixed(3)}%`;
}

/** JSON that cannot end its script element. */
function inScript(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', String.raw`\u003c`);
}
