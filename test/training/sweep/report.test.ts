import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { csv } from '../../../training/sweep/report/csv.ts';
import { digits } from '../../../training/sweep/report/words.ts';
import type { SetReport } from '../../../training/sweep/set-report.ts';

const NONE = { mean: null, deviation: null, n: 0 };

function setCalled(name: string): SetReport {
  const spread = { mean: 0.5, deviation: null, n: 1 };
  const what = { phase: 'testing', modality: 'video', level: 'sample', method: 'trml', measure: 'MAE' } as const;
  const curve = { ...what, points: [{ rate: 0, value: spread }], full: spread, area: NONE, drop: NONE };
  const empty = { notes: [], measures: [], methods: [], gaps: [], verdicts: [], virtual: [] };
  return { ...empty, name, title: name, seeds: [1], curves: [curve], seconds: 0 };
}

describe("a sweep's report", () => {
  it.each(['clips', 'my "best", 2/a.safetensors', 'two\nlines'])('keeps the set %j one field of its table', (name) => {
    const report = {
      format: 1,
      created: '',
      bundle: { name: 'b', version: '1', sha256: '' },
      preset: 'methods',
      budget: { steps: 1, batch: 1 },
      sets: [setCalled(name)],
      calibration: [],
      pairs: [],
    } as const;
    const [header, row]: string[][] = parse(csv(report));
    expect(row).toEqual([name, 'testing', 'video', 'sample', '0', 'trml', 'MAE', '0.5', '', '1']);
    expect(header).toHaveLength(10);
  });

  it.each([
    [-1e-17, '0.000'],
    [-0.0004, '0.000'],
    [-0.0006, '-0.001'],
    [null, '–'],
  ])('writes %s as %s', (value, text) => expect(digits(value)).toBe(text));
});
