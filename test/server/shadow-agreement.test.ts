import { describe, expect, test } from 'vitest';
import { createMetrics } from '../../server/metrics.ts';
import { AgreementSums, shadowPattern } from '../../server/sessions/shadow-agreement.ts';
import type { SentimentResult, Source } from '../../pipeline/protocol/index.ts';

describe('the agreement of two bundles', () => {
  test('is the share of equal labels, the mean difference of scores, and their correlation', () => {
    const sums = new AgreementSums();
    sums.add(1, 3, true);
    sums.add(2, 2, false);
    sums.add(3, 1, true);
    expect(sums.summary()).toEqual({ results: 3, same_label: 0.6667, score_difference: 1.3333, correlation: -1 });
  });

  test('has no correlation of one result, nor of scores that never move', () => {
    const sums = new AgreementSums();
    sums.add(1, 3, true);
    expect(sums.summary()).toEqual({ results: 1, same_label: 1, score_difference: 2, correlation: null });
    sums.add(1, -1, false);
    expect(sums.summary()).toEqual({ results: 2, same_label: 0.5, score_difference: 2, correlation: null });
  });

  const result = (video: Source, text: Source, score: number | null = 1) =>
    ({ score, modalities: { video: { source: video }, text: { source: text } } }) as unknown as SentimentResult;

  test.each([
    ['all of it observed', result('observed', 'mixed'), result('mixed', 'observed'), 'observed'],
    ['one modality virtual in both', result('observed', 'virtual'), result('mixed', 'virtual'), 'text'],
    ['one modality virtual in one', result('observed', 'virtual'), result('observed', 'observed'), undefined],
    ['both modalities virtual', result('virtual', 'virtual'), result('virtual', 'virtual'), undefined],
    ['one modality absent', result('observed', 'absent'), result('observed', 'absent'), undefined],
    ['one without a score', result('observed', 'observed'), result('observed', 'observed', null), undefined],
  ])('is told, of two results with %s, under %o', (_, ours, theirs, pattern) => {
    expect(shadowPattern(ours, theirs)).toBe(pattern);
    expect(shadowPattern(theirs, ours)).toBe(pattern);
  });

  test('is there for Prometheus', async () => {
    const metrics = createMetrics({
      sessions: () => ({ attached: 0, detached: 0 }),
      connections: () => 0,
      observers: () => 0,
      runtime: () => undefined,
      shadowStalled: () => false,
    });
    metrics.shadowCompared('text', 0.25, true);
    metrics.shadowCompared('text', 1.5, false);
    metrics.shadowCompared('text', 0.25, true);
    const lines = (name: string): Promise<string> =>
      metrics.registry.getSingleMetricAsString(`undertone_shadow_${name}`);
    const results = await lines('results_total');
    expect(results).toContain('{pattern="text",same_label="true"} 2');
    expect(results).toContain('{pattern="text",same_label="false"} 1');
    const differences = await lines('score_difference');
    for (const line of ['bucket{le="0.2",pattern="text"} 0', 'bucket{le="0.5",pattern="text"} 2'])
      expect(differences).toContain(`undertone_shadow_score_difference_${line}`);
    expect(differences).toContain('undertone_shadow_score_difference_sum{pattern="text"} 2');
    expect(differences).toContain('undertone_shadow_score_difference_count{pattern="text"} 3');
  });
});
