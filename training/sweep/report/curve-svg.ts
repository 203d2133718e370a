import type { CurveGroup } from './tables.ts';
import { percent } from '../../percent.ts';
import { spreadText } from './words.ts';
import { escapeHtml } from '../../../models/escape-html.ts';

const SIZE = { width: 560, height: 320, left: 52, right: 24, top: 14, bottom: 40 };
const COLOURS = ['#0b62d6', '#d55e00', '#b8860b', '#00875a', '#c2529a', '#6b6b6b', '#8c564b', '#2aa5c9'];

/** Colour and dash of the i-th method, the same in every picture. */
export function strokeOf(index: number): { readonly colour: string; readonly dash: string } {
  const round = Math.floor(index / COLOURS.length);
  return { colour: COLOURS[index % COLOURS.length] ?? '#000', dash: ['', '6 3', '2 3'][round] ?? '1 2' };
}

/**
 * The robustness curves of one group: the measure over the share that is missing, with a band of one deviation. The first
 * method is drawn last and bolder. Each point has its value as a tooltip.
 *
 * @param order names of the methods, which decides their colours
 */
export function curveSvg({ title, measure, curves }: CurveGroup, order: readonly string[]): string {
  const ends = curves.flatMap(({ points }) =>
    points.flatMap(({ value: { mean, deviation } }) =>
      mean === null ? [] : [mean - (deviation ?? 0), mean + (deviation ?? 0)],
    ),
  );
  if (ends.length === 0) return '';
  const ticks = niceTicks(Math.min(...ends), Math.max(...ends));
  const [low = 0, high = 1] = [ticks[0], ticks.at(-1)];
  const { width, height, left, right, top, bottom } = SIZE;
  const x = (rate: number): string => (left + rate * (width - left - right)).toFixed(1);
  const y = (value: number): string =>
    (height - bottom - ((value - low) / (high - low)) * (height - top - bottom)).toFixed(1);
  const grid = ticks
    .map(
      (tick) =>
        `<line class="grid" x1="${left}" x2="${width - right}" y1="${y(tick)}" y2="${y(tick)}"/><text class="tick" x="${left - 6}" y="${y(tick)}" text-anchor="end" dy="0.32em">${Number(tick.toFixed(3))}</text>`,
    )
    .join('');
  const shares = [0, 0.2, 0.4, 0.6, 0.8, 1]
    .map(
      (rate) =>
        `<text class="tick" x="${x(rate)}" y="${height - bottom + 18}" text-anchor="middle">${percent(rate)}</text>`,
    )
    .join('');
  const drawn = curves.toReversed().map((curve) => {
    const { colour, dash } = strokeOf(order.indexOf(curve.method));
    const bold = curve.method === order[0];
    const known = curve.points.flatMap(({ rate, value }) =>
      value.mean === null ? [] : [{ rate, value, mean: value.mean }],
    );
    const band = [
      ...known.map(({ rate, value, mean }) => `${x(rate)},${y(mean + (value.deviation ?? 0))}`),
      ...known.toReversed().map(({ rate, value, mean }) => `${x(rate)},${y(mean - (value.deviation ?? 0))}`),
    ].join(' ');
    const line = known.map(({ rate, mean }) => `${x(rate)},${y(mean)}`).join(' ');
    const dots = known
      .map(
        ({ rate, value, mean }) =>
          `<circle cx="${x(rate)}" cy="${y(mean)}" r="${bold ? 3.5 : 2.5}" fill="${colour}"><title>${escapeHtml(`${curve.method}, ${percent(rate)} missing: ${spreadText(value)}`)}</title></circle>`,
      )
      .join('');
    return `<polygon points="${band}" fill="${colour}" opacity="0.1"/><polyline points="${line}" fill="none" stroke="${colour}" stroke-width="${bold ? 3 : 1.6}"${dash === '' ? '' : ` stroke-dasharray="${dash}"`}/>${dots}`;
  });
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(`${measure}: ${title}`)}">${grid}${shares}<text class="axis" x="${(left + width - right) / 2}" y="${height - 4}" text-anchor="middle">share missing</text>${drawn.join('')}</svg>`;
}

/** About five round values that enclose the range. */
function niceTicks(low: number, high: number): number[] {
  const range = Math.max(high - low, 0.01);
  const rough = range / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough) ?? rough;
  const first = Math.floor(low / step);
  const last = Math.max(first + 1, Math.ceil(high / step));
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}
