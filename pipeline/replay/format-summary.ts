import { percent, shares, signed } from './figures.ts';
import type { ReplaySummary, TimeBin } from './summary.ts';

const BARS = '▁▂▃▄▅▆▇█';

/** A replay in a few lines of text: what came out, a sparkline of the score, and below it what each modality gave. */
export function formatSummary(summary: ReplaySummary): string {
  const { input, predictions, score, over_time: bins, warnings } = summary;
  const width = Math.max(5, ...Object.keys(summary.modalities).map((name) => name.length));
  const line = (name: string, text: string): string => `${name.padEnd(width)}  ${text}`;
  const source = input.video ?? input.captions ?? '';
  const lines = [
    `${source}: ${predictions.written} predictions over ${seconds(input.duration_ms)}, ${summary.speed}x real time` +
      `, ${summary.bundle.name} ${summary.bundle.version} on ${summary.device.provider}`,
  ];
  if (score === null) {
    lines.push(line('score', predictions.written === 0 ? 'none' : 'none: nothing was observed to predict from'));
  } else {
    const { negative, neutral, positive } = predictions.by_label;
    const range = `mean ${signed(score.mean)}, from ${signed(score.min)} to ${signed(score.max)}`;
    const counts = `${negative} negative, ${neutral} neutral, ${positive} positive`;
    lines.push(line('score', range), line('label', `${counts}; by the likeliest class, not by the score's sign`));
    const top = Object.entries(summary.emotions ?? {})
      .sort((a, b) => b[1] - a[1])
      .slice(0, 3)
      .map(([name, share]) => `${name} ${percent(share)}`);
    lines.push(line('mood', top.join(', ')), line('', bins.map((bin) => bar(bin.score)).join('')));
  }
  for (const [name, { sources, causes }] of Object.entries(summary.modalities)) {
    const missing = shares(causes);
    const told = (shares(sources) || 'nothing predicted') + (missing === '' ? '' : `; missing: ${missing}`);
    const strip = bins.map((bin) => presence(bin, name)).join('');
    lines.push(line(name, strip === '' ? told : `${strip}  ${told}`));
  }
  if (bins.length > 0) lines.push(line('', '█ observed  ▒ in part  ░ virtual  · nothing to predict from'));
  for (const { code, message, count } of warnings) {
    lines.push(`warning ${code}: ${message}${count > 1 ? ` (and ${count - 1} more)` : ''}`);
  }
  return lines.join('\n');
}

/** Eight heights over [-3, 3]; a dot where there is no score. */
function bar(score: number | null): string {
  if (score === null) return '·';
  const height = Math.min(BARS.length - 1, Math.max(0, Math.floor(((score + 3) / 6) * BARS.length)));
  return BARS[height] ?? '·';
}

function presence(bin: TimeBin, modality: string): string {
  const coverage = bin.coverage[modality] ?? 0;
  if (coverage >= 0.995) return '█';
  if (coverage > 0) return '▒';
  return bin.score === null ? '·' : '░';
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
