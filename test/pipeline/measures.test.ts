import { expect, it } from 'vitest';
import { Measures } from '../../pipeline/measures.ts';

it('latencies are told to the hundredth, as in results', () => {
  const measures = new Measures();
  measures.latency('encode', 24.60031600000002);
  const frames = { received: 1, encoded: 1, in_flight: 0, dropped: {} };
  const totals = { frames, captions: 0, results: 0, revisions: 0, errors: 0, media_ms: 0 };
  expect(measures.message(totals).latency_ms.encode).toEqual({ p50: 24.6, p95: 24.6 });
});
