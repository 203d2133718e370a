import { expect, test } from 'vitest';
import { percent, shares } from '../../../pipeline/replay/figures.ts';
import { SummaryStats } from '../../../pipeline/replay/summary-stats.ts';
import { fakeModel } from '../../support/fake-model.ts';
import type { SentimentResult } from '../../../pipeline/protocol/index.ts';

test('what happened once in many hours of results is told, and the rest is not all', () => {
  const { info } = fakeModel();
  const stats = new SummaryStats(info);
  const results = 30_000;
  for (let i = 1; i <= results; i++) {
    const video = i === 7 ? { source: 'virtual', cause: 'no_face' } : { source: 'observed', cause: null };
    const modalities = { video: { ...video, coverage: 1 }, text: { source: 'observed', cause: null, coverage: 1 } };
    const result = { pts_ms: 250 * i, score: 0, label: 'neutral', state: 'ok', confidence: 1, modalities };
    stats.add(result as unknown as SentimentResult);
  }
  const { sources, causes } = stats.summarize(250 * results, 250).modalities['video'] ?? {};
  expect(shares(causes ?? {})).toBe('no_face <1 %');
  expect([percent(sources?.observed ?? 1), percent(sources?.virtual ?? 0)]).toEqual(['>99 %', '<1 %']);
});
