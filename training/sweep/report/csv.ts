import type { SweepReport } from './sweep-report.ts';

const COLUMNS = ['set', 'phase', 'missing', 'level', 'rate', 'method', 'measure', 'mean', 'deviation', 'seeds'];

/** Every point of every curve, a row each. */
export function csv({ sets }: SweepReport): string {
  const rows = sets.flatMap(({ name, curves }) =>
    curves.flatMap(({ phase, modality, level, method, measure, points }) =>
      points.map(({ rate, value }) =>
        [
          field(name),
          phase,
          modality,
          level,
          rate,
          method,
          measure,
          value.mean ?? '',
          value.deviation ?? '',
          value.n,
        ].join(','),
      ),
    ),
  );
  return `${[COLUMNS.join(','), ...rows].join('\n')}\n`;
}

/** Quoted where it must be: sets may be called by their paths. */
function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
