import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { csv } from '../../../training/sweep/report/csv.ts';
import { html } from '../../../training/sweep/report/html.ts';
import { markdown } from '../../../training/sweep/report/markdown.ts';
import type { SweepReport } from '../../../training/sweep/report/sweep-report.ts';
import { digits } from '../../../training/sweep/report/words.ts';
import type { SetReport } from '../../../training/sweep/set-report.ts';

const NONE = { mean: null, deviation: null, n: 0 };

function setCalled(name: string): SetReport {
  const spread = { mean: 0.5, deviation: null, n: 1 };
  const what = { phase: 'testing', modality: 'video', level: 'sample', method: 'trml', measure: 'MAE' } as const;
  const curve = { ...what, points: [{ rate: 0, value: spread }], full: spread, area: NONE, drop: NONE };
  const empty = { notes: [], measures: [], methods: [], gaps: [], verdicts: [], virtual: [] };
  const tested = { clips: 0, counted: 0 };
  return { ...empty, tested, name, title: name, seeds: [1], curves: [curve], seconds: 0 };
}

function reportOf(...sets: SetReport[]): SweepReport {
  return {
    format: 1,
    created: '',
    bundle: { name: 'b', version: '1', sha256: '' },
    preset: 'methods',
    budget: { steps: 1, batch: 1 },
    sets,
    calibration: [],
    pairs: [],
  };
}

describe("a sweep's report", () => {
  it.each([
    // The root of 0.8 * 0.2 / 400.
    [
      { clips: 500, counted: 400 },
      [0.6, 0.8],
      'the same 500 clips of s, of which 400 count for sentiment_accuracy: over so many independent clips an accuracy of 0.800, the best with everything observed, has a standard error of 0.020, which',
    ],
    [
      { clips: 100, counted: 100 },
      [0.5],
      'the same 100 clips of s: over so many independent clips an accuracy of 0.500, the best with everything observed, has a standard error of 0.050, which',
    ],
    [{ clips: 4, counted: 4 }, [1], 'the same 4 clips of s.'],
  ])('says of %j how far they alone can lead an accuracy astray', (tested, accuracies, words) => {
    const set = setCalled('s');
    const curves = accuracies.flatMap((mean) =>
      set.curves.map((curve) => ({ ...curve, measure: 'sentiment_accuracy', full: { mean, deviation: 0.001, n: 2 } })),
    );
    const measures = ['MAE', 'sentiment_accuracy'].map((name) => ({ name, better: 'higher' as const }));
    const report = reportOf({ ...set, tested, measures, curves: [...set.curves, ...curves] });
    for (const page of [markdown(report), html(report)]) expect(page).toContain(`Every seed tests ${words}`);
  });

  it.each(['clips', 'my "best", 2/a.safetensors', 'two\nlines'])('keeps the set %j one field of its table', (name) => {
    const [header, row]: string[][] = parse(csv(reportOf(setCalled(name))));
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
