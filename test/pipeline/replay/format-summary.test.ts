import { expect, test } from 'vitest';
import { formatSummary } from '../../../pipeline/replay/format-summary.ts';
import type { ReplaySummary } from '../../../pipeline/replay/summary.ts';

const NONE = { observed: 0, virtual: 0, mixed: 0, absent: 0 };

const SUMMARY: ReplaySummary = {
  format: 1,
  status: 'partial',
  bundle: { name: 'compact', version: '1.0.0', sha256: '0' },
  device: { provider: 'cpu', name: 'x', workers: 1 },
  input: { video: 'talk.mp4', codec: 'h264', captions: null, captions_source: 'none', segments: 0, duration_ms: 1250 },
  options: { hop_ms: 250, frame_interval_ms: 250, smoothing: 0, counterfactuals: false, seed: 0, drop: {} },
  predictions: {
    expected: 5,
    written: 5,
    by_state: { ok: 1, degraded: 3, insufficient: 1 },
    by_label: { negative: 1, neutral: 1, positive: 2 },
  },
  totals: {
    frames: { received: 5, encoded: 5, in_flight: 0, dropped: {} },
    captions: 0,
    results: 5,
    revisions: 0,
    errors: 0,
    media_ms: 1250,
  },
  score: { mean: 0.5, min: -3, max: 3, p05: -3, p25: 0, p50: 0, p75: 0, p95: 3 },
  emotions: { calm: 0.1, happy: 0.6, sad: 0.25, angry: 0.05 },
  modalities: {
    video: {
      sources: { ...NONE, observed: 0.6, mixed: 0.2, absent: 0.2 },
      coverage: 0.7,
      causes: { no_signal: 0.2, no_face: 0.2 },
    },
    text: { sources: { ...NONE, virtual: 0.8, absent: 0.2 }, coverage: 0, causes: {} },
  },
  over_time: [null, -3, 0, 1.4, 3].map((score, i) => ({
    start_ms: 250 * i,
    end_ms: 250 * (i + 1),
    score,
    coverage: { video: [0, 0.5, 1, 1, 1][i] ?? 0, text: 0 },
  })),
  warnings: [{ code: 'video_truncated', message: 'talk.mp4 ends early', count: 3 }],
  wall_ms: 100,
  speed: 12.5,
};

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
