import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { clockTime, signed } from '../../../../pipeline/replay/figures.ts';
import { Moments } from '../../../../pipeline/replay/moments.ts';
import { columnsOf } from '../../../../pipeline/replay/report/columns.ts';
import { recordingUrl } from '../../../../pipeline/replay/report/recording-url.ts';
import { reportHtml } from '../../../../pipeline/replay/report/report-html.ts';
import { scoreSvg } from '../../../../pipeline/replay/report/score-svg.ts';
import { timeTicks } from '../../../../pipeline/replay/report/time-ticks.ts';
import { columnText } from '../../../../pipeline/replay/report/words.ts';
import { fakeModel } from '../../../support/fake-model.ts';
import { SUMMARY } from '../a-summary.ts';
import type { SentimentResult, Source } from '../../../../pipeline/protocol/index.ts';
import type { ReplaySummary } from '../../../../pipeline/replay/summary.ts';

const { info } = fakeModel();

/** Results a hop of 250 ms apart; only what the page is made from. */
function moments(results: readonly (readonly [score: number | null, video: Source, text: Source])[]): Moments {
  const found = new Moments(info);
  for (const [i, [score, video, text]] of results.entries()) {
    const label = score === null ? null : score < 0 ? 'negative' : 'positive';
    const sources = { video: { source: video, coverage: 0.5 }, text: { source: text, coverage: 1 } };
    const result = {
      pts_ms: 250 * (i + 1),
      score,
      label,
      confidence: score === null ? null : 0.8,
      modalities: sources,
    };
    found.add(result as unknown as SentimentResult);
  }
  return found;
}

const MIXED = moments([
  [null, 'absent', 'absent'],
  [1, 'observed', 'observed'],
  [2, 'observed', 'observed'],
  [-1, 'virtual', 'observed'],
  [null, 'absent', 'absent'],
  [0.5, 'mixed', 'virtual'],
]);

test('a result of a short recording has a column of its own, which ends at its time', () => {
  const columns = columnsOf(MIXED, info, 1500, 250);
  expect(columns.map(({ startMs, endMs }) => [startMs, endMs])).toEqual(
    [0, 250, 500, 750, 1000, 1250].map((ms) => [ms, ms + 250]),
  );
  expect(columns.map(({ score }) => score?.mean ?? null)).toEqual([null, 1, 2, -1, null, 0.5]);
  expect(columns.map(({ sources }) => sources['video'])).toEqual([
    'absent',
    'observed',
    'observed',
    'virtual',
    'absent',
    'mixed',
  ]);
  expect(columns.map(columnText)).toEqual([
    '0:00.25 · nothing to predict from · video nothing · text nothing',
    '0:00.50 · +1.0 positive, 80 % sure · video observed · text observed',
    '0:00.75 · +2.0 positive, 80 % sure · video observed · text observed',
    '0:01.00 · -1.0 negative, 80 % sure · video synthesised · text observed',
    '0:01.25 · nothing to predict from · video nothing · text nothing',
    '0:01.50 · +0.5 positive, 80 % sure · video in part · text synthesised',
  ]);
});

test('results of a long one share columns: mean, least, greatest, and what they have in common', () => {
  const many = moments(
    Array.from({ length: 2400 }, (_, i) =>
      i % 2 === 0
        ? [-1, 'observed', i < 1200 ? 'virtual' : 'observed']
        : [2, 'virtual', i < 1200 ? 'absent' : 'observed'],
    ),
  );
  const columns = columnsOf(many, info, 600_000, 250);
  expect(columns.length).toBe(1200);
  expect(columns[0]).toMatchObject({ startMs: 0, endMs: 500, score: { mean: 0.5, low: -1, high: 2 }, confidence: 0.8 });
  expect(columns[0]?.sources).toEqual({ video: 'mixed', text: 'virtual' });
  expect(columns.at(-1)?.sources).toEqual({ video: 'mixed', text: 'observed' });
  expect(scoreSvg(columns)).toContain('<polygon class="band"');
});

test.each([
  ['a recording that ends between two results', 40, 10_200, 40, 250, '20.000%">0:02'],
  ['a long one, with fewer in the last column', 1801, 450_300, 901, 500, '26.652%">2:00'],
])('a column ends at the time of its last result: %s', (_, results, durationMs, count, widthMs, tick) => {
  const many = moments(Array.from({ length: results }, () => [1, 'observed', 'observed']));
  const columns = columnsOf(many, info, durationMs, 250);
  const ends = Array.from({ length: count }, (__, i) => Math.min((i + 1) * widthMs, results * 250));
  expect(columns.map(({ endMs }) => endMs)).toEqual(ends);
  expect(columns.map(({ startMs }) => startMs)).toEqual([0, ...ends.slice(0, -1)]);
  expect(columns.every(({ score }) => score !== null)).toBe(true);
  expect(reportHtml(SUMMARY, columns, null)).toContain(`<span style="left:${tick}</span>`);
});

test('counterfactuals are thin lines, broken where a modality has nothing, and have a legend', () => {
  const compared = new Moments(info);
  for (const [i, only] of [
    { video: 1, text: -3 },
    { video: null, text: -1.5 },
    { video: 2, text: 0 },
  ].entries()) {
    const sources = { video: { source: 'observed', coverage: 1 }, text: { source: 'observed', coverage: 1 } };
    const result = { pts_ms: 250 * (i + 1), score: 0, label: 'neutral', confidence: 0.8, modalities: sources };
    compared.add({ ...result, counterfactuals: { only } } as unknown as SentimentResult);
  }
  const columns = columnsOf(compared, info, 750, 250);
  const lines = [...scoreSvg(columns).matchAll(/<polyline class="alone n(\d)" points="([^"]+)"/g)];
  expect(lines.map(([, modality, points]) => [modality, points])).toEqual([
    ['0', '0.00,66.7 333.33,66.7'],
    ['0', '666.67,33.3 1000.00,33.3'],
    ['1', '0.00,200.0 333.33,200.0 666.67,150.0 1000.00,100.0'],
  ]);
  expect(columns.map(columnText).at(-1)).toBe(
    '0:00.75 · +0.0 neutral, 80 % sure · video observed · text observed · video alone +2.0 · text alone +0.0',
  );
  expect(reportHtml(SUMMARY, columns, null)).toContain('text alone</li>');
  expect(reportHtml(SUMMARY, columnsOf(MIXED, info, 1500, 250), null)).not.toContain('alone</li>');
});

test('the curve breaks where there is no score, and is dashed where something was synthesised', () => {
  const lines = [...scoreSvg(columnsOf(MIXED, info, 1500, 250)).matchAll(/<polyline class="(\w+)" points="([^"]+)"/g)];
  expect(lines.map(([, kind, points = '']) => [kind, points.split(' ')])).toEqual([
    ['seen', ['166.67,66.7', '333.33,66.7', '500.00,33.3']],
    ['virtual', ['500.00,33.3', '666.67,133.3']],
    ['virtual', ['833.33,83.3', '1000.00,83.3']],
  ]);
  expect(scoreSvg(columnsOf(MIXED, info, 1500, 250))).not.toContain('polygon');
});

const HOSTILE: ReplaySummary = {
  ...SUMMARY,
  input: { ...SUMMARY.input, video: '/films/<b>"my" film.mp4' },
  warnings: [{ code: 'decode_failed', message: 'ffmpeg: </script> is broken', count: 3 }],
};

test('the page tells what the summary does, and takes nothing of it for markup', () => {
  const page = reportHtml(HOSTILE, columnsOf(MIXED, info, 1500, 250), '../films/film.mp4');
  expect(page).toContain('<h1>&lt;b&gt;&quot;my&quot; film.mp4</h1>');
  expect(page).toContain('<li>Partial: the video breaks off.</li>');
  const fewer = { ...HOSTILE, predictions: { ...SUMMARY.predictions, written: 4 } };
  expect(reportHtml(fewer, [], null)).toContain('<li>Partial: 4 of 5 predictions are there.</li>');
  expect(page).toContain('<li>ffmpeg: &lt;/script&gt; is broken (and 2 more) (decode_failed)</li>');
  expect(page).toContain('<video src="../films/film.mp4"');
  expect(page.indexOf('<dt>happy</dt>')).toBeLessThan(page.indexOf('<dt>sad</dt>'));
  expect(page).toContain('missing: no_signal 20 %, no_face 20 %');
  expect(page.match(/<\/script>/g)).toHaveLength(2);
  expect(page).not.toMatch(/https?:/);
});

test('without a video, a score or a column there is a page, too', () => {
  const nothing = { ...SUMMARY, score: null, emotions: null, warnings: [], status: 'complete' } as const;
  const page = reportHtml(nothing, [], null);
  expect(page).not.toContain('<video');
  expect(page).not.toContain('id="plot"');
  expect(page).not.toContain('class="notices"');
  expect(page).not.toMatch(/NaN|undefined|Infinity/);
});

test('the recording is found from the folder of the page', () => {
  expect(recordingUrl(null, 'out')).toBeNull();
  expect(recordingUrl('talk #1.mp4', join('out', 'talk'))).toBe('../../talk%20%231.mp4');
  const there = new URL(recordingUrl('/films/é?.mp4', '/runs/out') ?? '', pathToFileURL('/runs/out/report.html'));
  expect(there.href).toBe(pathToFileURL('/films/é?.mp4').href);
});

test('times of the axis are round, at most six, and start at zero', () => {
  expect(timeTicks(900)).toEqual([0]);
  expect(timeTicks(6000)).toEqual([0, 1000, 2000, 3000, 4000, 5000]);
  for (const durationMs of [1, 7000, 61_000, 3_600_000, 86_400_000, 400_000_000]) {
    const ticks = timeTicks(durationMs);
    expect(ticks[0]).toBe(0);
    expect(ticks.length).toBeLessThanOrEqual(6);
    expect(ticks.at(-1)).toBeLessThan(durationMs);
  }
});

test('times and scores as people write them', () => {
  expect([0, 7540, 59_960, 750_000, 3_723_000].map((ms) => clockTime(ms))).toEqual([
    '0:00',
    '0:08',
    '1:00',
    '12:30',
    '1:02:03',
  ]);
  expect([7540, 59_998].map((ms) => clockTime(ms, true))).toEqual(['0:07.54', '1:00.00']);
  expect([1.25, -0.004, -0.5, 0].map((score) => signed(score))).toEqual(['+1.25', '+0.00', '-0.50', '+0.00']);
});
