import type { Column } from './columns.ts';

/** Stretched to the width of the page; strokes keep theirs. Text stands beside it in HTML, as it would be stretched, too. */
const WIDTH = 1000;
const HEIGHT = 200;
const MAX_SCORE = 3;

/**
 * The score over time: coloured by its height, dashed where something was synthesised, broken where there was nothing to
 * predict from, with a band from the least to the greatest where a column holds several results. Behind it, thinner, the
 * scores from one modality alone where there are any, in the order of the modalities.
 */
export function scoreSvg(columns: readonly Column[]): string {
  const grid = [-3, -1.5, 0, 1.5, 3].map((score) => {
    const at = y(score);
    return `<line class="${score === 0 ? 'zero' : 'grid'}" x1="0" x2="${WIDTH}" y1="${at}" y2="${at}"/>`;
  });
  const durationMs = columns.at(-1)?.endMs ?? 1;
  const x = (ms: number): string => ((ms / durationMs) * WIDTH).toFixed(2);
  const runs = scoredRuns(columns);
  const alone = Object.keys(columns[0]?.alone ?? {}).flatMap((name, i) => thinLines(columns, name, i, x));
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="Score over time">
<defs><linearGradient id="height" gradientUnits="userSpaceOnUse" x1="0" x2="0" y1="${y(1.8)}" y2="${y(-1.8)}">
<stop class="high"/><stop class="middle" offset=".5"/><stop class="low" offset="1"/></linearGradient></defs>
${[...grid, ...alone, ...runs.map((run) => band(run, x)), ...runs.flatMap((run) => strokes(run, x))].join('\n')}
</svg>`;
}

type Scored = Column & { readonly score: NonNullable<Column['score']> };
type Place = (ms: number) => string;

function scoredRuns(columns: readonly Column[]): Scored[][] {
  const runs: Scored[][] = [];
  let open: Scored[] | undefined;
  for (const column of columns) {
    const { score } = column;
    if (score === null) {
      open = undefined;
      continue;
    }
    if (open === undefined) runs.push((open = []));
    open.push({ ...column, score });
  }
  return runs;
}

function band(run: readonly Scored[], x: Place): string {
  if (run.every(({ score: { low, high } }) => low === high)) return '';
  const edge = (one: Scored, score: number): string => `${x(one.endMs)},${y(score)}`;
  const points = [
    ...run.map((one) => edge(one, one.score.high)),
    ...run.toReversed().map((one) => edge(one, one.score.low)),
  ];
  return `<polygon class="band" points="${points.join(' ')}"/>`;
}

/** Broken where the modality has no score. */
function thinLines(columns: readonly Column[], modality: string, index: number, x: Place): string[] {
  const runs: string[][] = [];
  let open: string[] | undefined;
  for (const { startMs, endMs, alone } of columns) {
    const score = alone[modality] ?? null;
    if (score === null) {
      open = undefined;
      continue;
    }
    if (open === undefined) runs.push((open = [`${x(startMs)},${y(score)}`]));
    open.push(`${x(endMs)},${y(score)}`);
  }
  return runs.map((points) => `<polyline class="alone n${index}" points="${points.join(' ')}"/>`);
}

/** One line for every stretch that is drawn alike; a column stands at its end, as a result does, and leads up to it. */
function strokes(run: readonly Scored[], x: Place): string[] {
  const lines: string[] = [];
  let points: string[] = [];
  let dashed: boolean | undefined;
  const end = (): void => {
    if (points.length > 1)
      lines.push(`<polyline class="${dashed === true ? 'virtual' : 'seen'}" points="${points.join(' ')}"/>`);
  };
  let before = `${x(run[0]?.startMs ?? 0)},${y(run[0]?.score.mean ?? 0)}`;
  for (const column of run) {
    const synthesised = Object.values(column.sources).some((source) => source !== 'observed');
    if (synthesised !== dashed) {
      end();
      points = [before];
      dashed = synthesised;
    }
    before = `${x(column.endMs)},${y(column.score.mean)}`;
    points.push(before);
  }
  end();
  return lines;
}

function y(score: number): string {
  return (((MAX_SCORE - score) / (2 * MAX_SCORE)) * HEIGHT).toFixed(1);
}
