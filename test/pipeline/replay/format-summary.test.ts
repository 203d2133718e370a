import { expect, test } from 'vitest';
import { formatSummary } from '../../../pipeline/replay/format-summary.ts';
import { NONE, SUMMARY } from './a-summary.ts';

test('a replay in a few lines', () => {
  expect(formatSummary(SUMMARY).split('\n')).toEqual([
    'talk.mp4: 5 predictions over 1.3 s, 12.5x real time, compact 1.0.0 on cpu',
    'score  mean +0.50, from -3.00 to +3.00',
    "label  1 negative, 1 neutral, 2 positive; by the likeliest class, not by the score's sign",
    'mood   happy 60 %, sad 25 %, calm 10 %',
    '       ·▁▅▆█',
    'video  ·▒███  observed 60 %, mixed 20 %, absent 20 %; missing: no_signal 20 %, no_face 20 %',
    'text   ·░░░░  virtual 80 %, absent 20 %',
    '       █ observed  ▒ in part  ░ virtual  · nothing to predict from',
    'warning video_truncated: talk.mp4 ends early (and 2 more)',
  ]);
});

test('nothing was observed', () => {
  const over_time = SUMMARY.over_time.map((bin) => ({ ...bin, score: null, coverage: {} }));
  const text = formatSummary({ ...SUMMARY, score: null, emotions: null, over_time, warnings: [] });
  expect(text).toContain('score  none: nothing was observed to predict from\nvideo  ·····');
  expect(
    formatSummary({ ...SUMMARY, score: null, over_time: [], predictions: { ...SUMMARY.predictions, written: 0 } }),
  ).toContain('score  none\n');
});

test('what is hardly there is not nothing, and what is nearly all is not all', () => {
  const video = {
    sources: { ...NONE, observed: 0.9999, mixed: 0.0001 },
    coverage: 0.9999,
    causes: { no_signal: 0.0001 },
  };
  const lines = formatSummary({ ...SUMMARY, modalities: { video } }).split('\n');
  expect(lines.find((line) => line.startsWith('video'))).toMatch(
    /observed >99 %, mixed <1 %; missing: no_signal <1 %$/,
  );
});
