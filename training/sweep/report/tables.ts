import type { Curve } from '../curves.ts';
import type { SetReport } from '../set-report.ts';
import type { Spread } from '../statistics.ts';
import { percent } from '../../percent.ts';
import { caseWords, digits, PHASE_WORDS, spreadText } from './words.ts';
import type { SweepReport } from './sweep-report.ts';

/** A table of the report, for Markdown and HTML alike. */
export interface Table {
  readonly title: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Curves that belong into one picture or table: one measure, one phase, one thing missing. */
export interface CurveGroup {
  readonly title: string;
  readonly measure: string;
  readonly curves: readonly Curve[];
}

export function curveGroups(set: SetReport): CurveGroup[] {
  const groups = new Map<string, Curve[]>();
  for (const curve of set.curves) {
    const key = `${PHASE_WORDS[curve.phase]}, ${caseWords(curve)}\u0000${curve.measure}`;
    groups.set(key, [...(groups.get(key) ?? []), curve]);
  }
  return [...groups].map(([key, curves]) => {
    const [title = '', measure = ''] = key.split('\u0000');
    return { title, measure, curves };
  });
}

/** Methods by rates, with area and drop. */
export function curveTable({ title, measure, curves }: CurveGroup): Table {
  const rates = curves[0]?.points.map(({ rate }) => rate) ?? [];
  return {
    title: `${measure}, ${title}`,
    header: ['method', ...rates.map(percent), 'area', `drop at ${percent(rates.at(-1) ?? 0)}`],
    rows: curves.map(({ method, points, area, drop }) => [
      method,
      ...points.map(({ value }) => spreadText(value)),
      spreadText(area),
      spreadText(drop),
    ]),
  };
}

export function methodTable({ methods }: SetReport): Table {
  return {
    title: 'Methods',
    header: ['name', 'what it does', 'tuned'],
    rows: methods.map(({ name, title, tuned }) => [name, title, tuned]),
  };
}

/** Virtual against real embeddings, beside chance and the other modality's raw embeddings. */
export function virtualTable({ virtual }: SetReport): Table {
  return retrievalTable(
    'Inference heads alone: virtual embeddings against the real ones of the same clips',
    virtual.map(({ method, metrics }) => ({ name: method, metrics })),
  );
}

export function pairsTable({ pairs }: SweepReport): Table {
  return retrievalTable(
    'Inference heads trained on pairs of another space: virtual embeddings against the real ones',
    pairs.map(({ title, metrics }) => ({ name: title, metrics })),
  );
}

const FOUND = ['cosine', 'raw_cosine', 'r1', 'raw_r1', 'chance_r1', 'r10', 'raw_r10', 'chance_r10'];

function retrievalTable(
  title: string,
  of: readonly { readonly name: string; readonly metrics: Readonly<Record<string, Spread>> }[],
): Table {
  const rows = of.flatMap(({ name, metrics }) =>
    ['video', 'text'].map((modality) => {
      const cell = (key: string): string => {
        const value = metrics[`virtual_${modality}_${key}`];
        return value === undefined ? '–' : spreadText(value);
      };
      return [name, modality, String(metrics[`virtual_${modality}_n`]?.mean ?? 0), ...FOUND.map(cell)];
    }),
  );
  const header = 'of, virtual, N, cosine, raw cosine, R@1, raw R@1, chance R@1, R@10, raw R@10, chance R@10';
  return { title, header: header.split(', '), rows };
}

export function calibrationTable({ calibration }: SweepReport): Table {
  return {
    title: "Calibration of the bundle's sentiment, per presence pattern",
    header: ['pattern', 'n', 'accuracy', 'temperature', 'ECE at temperature 1', 'ECE as served'],
    rows: calibration.map(({ pattern, temperature, before, after }) => [
      pattern,
      String(after.n),
      digits(after.accuracy),
      String(temperature),
      digits(before.ece),
      digits(after.ece),
    ]),
  };
}
