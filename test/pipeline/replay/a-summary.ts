import type { ReplaySummary } from '../../../pipeline/replay/summary.ts';

/** Shares of sources, to be replaced in part. */
export const NONE = { observed: 0, virtual: 0, mixed: 0, absent: 0 };

/** Of a replay that broke off after five predictions. */
export const SUMMARY: ReplaySummary = {
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
