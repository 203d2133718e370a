import type { Reliability } from '../../evaluation/reliability.ts';
import { escapeHtml } from '../../../models/escape-html.ts';
import { digits } from './words.ts';

const SIDE = 220;
const EDGE = 30;

/**
 * Reliability diagram: per bin of confidence how often it was right, against the diagonal of a perfect one. The width of
 * a bar's lower strip shows how many predictions are in the bin.
 */
export function reliabilitySvg(name: string, { bins, ece, n }: Reliability): string {
  const inner = SIDE - 2 * EDGE;
  const x = (value: number): number => EDGE + value * inner;
  const y = (value: number): number => SIDE - EDGE - value * inner;
  const most = Math.max(1, ...bins.map((bin) => bin.n));
  const bars = bins.map(({ low, high, n: count, accuracy, confidence }) => {
    if (accuracy === null || confidence === null) return '';
    const text = `confidence ${digits(confidence)}, right ${digits(accuracy)}, ${count} predictions`;
    const width = (high - low) * inner - 1;
    return `<rect class="bar" x="${x(low).toFixed(1)}" width="${width.toFixed(1)}" y="${y(accuracy).toFixed(1)}" height="${(y(0) - y(accuracy)).toFixed(1)}"><title>${text}</title></rect><rect class="count" x="${x(low).toFixed(1)}" width="${((count / most) * width).toFixed(1)}" y="${y(0) + 2}" height="4"><title>${count} predictions</title></rect>`;
  });
  const label = (value: number): string =>
    `<text class="tick" x="${x(value)}" y="${SIDE - 8}" text-anchor="middle">${value}</text><text class="tick" x="${EDGE - 5}" y="${y(value)}" text-anchor="end" dy="0.32em">${value}</text>`;
  return `<svg viewBox="0 0 ${SIDE} ${SIDE}" role="img" aria-label="${escapeHtml(`reliability of ${name}: ECE ${digits(ece)} of ${n}`)}">${bars.join('')}<line class="diagonal" x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}"/>${[0, 0.5, 1].map(label).join('')}</svg>`;
}
