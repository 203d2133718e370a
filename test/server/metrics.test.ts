import { expect, test } from 'vitest';
import { createMetrics } from '../../server/metrics.ts';

const nothing = (): number => 0;

function testMetrics(): ReturnType<typeof createMetrics> {
  return createMetrics({
    sessions: () => ({ attached: 0, detached: 0 }),
    connections: nothing,
    observers: nothing,
    runtime: () => undefined,
    shadowStalled: () => false,
  });
}

const batch = { kind: 'text', lane: 'text', size: 1, queueMs: 1, computeMs: 1, decodeMs: 0, ok: true } as const;
const ended = { type: 'worker_ended', pid: 1, code: 'inference_crashed', message: '' } as const;

type Metrics = ReturnType<typeof createMetrics>;
const RARE: readonly [line: string, (metrics: Metrics) => void][] = [
  [
    'undertone_worker_events_total{event="provider_fallback"}',
    ({ workerEvent }) => workerEvent({ type: 'provider_fallback', from: 'cuda', message: '' }),
  ],
  ['undertone_worker_events_total{event="inference_crashed"}', ({ workerEvent }) => workerEvent(ended)],
  [
    'undertone_worker_events_total{event="inference_timeout"}',
    ({ workerEvent }) => workerEvent({ ...ended, code: 'inference_timeout' }),
  ],
  ['undertone_sessions_closed_total{code="1011"}', ({ sessionClosed }) => sessionClosed(1011)],
  ['undertone_connections_refused_total{reason="origin"}', ({ connectionRefused }) => connectionRefused('origin')],
];

test.each(RARE)('%s is 0 before it happens, so that the first time is an increase', async (line, happens) => {
  const metrics = testMetrics();
  expect(await metrics.registry.metrics()).toContain(`${line} 0\n`);
  happens(metrics);
  expect(await metrics.registry.metrics()).toContain(`${line} 1\n`);
});

test('failed batches of a lane are 0 from its first batch on', async () => {
  const metrics = testMetrics();
  metrics.batch(batch);
  expect(await metrics.registry.metrics()).toContain('undertone_batches_failed_total{lane="text"} 0\n');
  metrics.batch({ ...batch, ok: false });
  expect(await metrics.registry.metrics()).toContain('undertone_batches_failed_total{lane="text"} 1\n');
});

test('the share of the same label is 0, not unknown, where the shadow has said another one alone', async () => {
  const metrics = testMetrics();
  metrics.shadowCompared('observed', 1, false);
  const text = await metrics.registry.metrics();
  expect(text).toContain('undertone_shadow_results_total{pattern="observed",same_label="true"} 0\n');
  expect(text).toContain('undertone_shadow_results_total{pattern="observed",same_label="false"} 1\n');
});

test('times of a slow machine fall into buckets, too', async () => {
  const metrics = testMetrics();
  metrics.batch({ ...batch, queueMs: 4000, computeMs: 20_000 });
  const text = await metrics.registry.metrics();
  const stage = (part: string, le: number): string =>
    `undertone_stage_seconds_bucket{le="${le}",stage="encode",lane="text",part="${part}"}`;
  for (const line of [`${stage('queue', 2.5)} 0`, `${stage('queue', 5)} 1`]) expect(text).toContain(line);
  for (const line of [`${stage('compute', 10)} 0`, `${stage('compute', 30)} 1`]) expect(text).toContain(line);
});
