import { afterEach, describe, expect, test } from 'vitest';
import { TRANSPORTS } from './support/test-client.ts';
import { startTestServer, stopTestServers } from './support/test-server.ts';

afterEach(stopTestServers);

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

describe.each(TRANSPORTS)('nothing is left over %s', (kind) => {
  test('after 200 sessions that ended every way there is', { timeout: 90_000 }, async () => {
    const server = await startTestServer({ resumeMs: 20, maxConnectionsPerAddress: 1000, maxBadMessages: 1 });
    const before = timers();
    const ways = ['close', 'leave', 'drop', 'abuse'] as const;
    const one = async (i: number): Promise<void> => {
      const client = await server.open(kind);
      client.frame(0, 0);
      await client.next('sentiment.result');
      const way = ways[i % ways.length];
      if (way === 'close') client.send({ type: 'session.close' });
      else if (way === 'leave') client.leave();
      else if (way === 'drop') client.drop();
      else for (let n = 0; n < 3; n++) client.send({ type: 'nonsense' });
      await client.closed;
    };
    for (let i = 0; i < 200; i += 20) await Promise.all(Array.from({ length: 20 }, (_, j) => one(i + j)));
    await expect
      .poll(() => server.counts(), { timeout: 10_000 })
      .toEqual({ sessions: 0, connections: 0, observers: 0 });
    await expect.poll(timers, { timeout: 10_000 }).toBeLessThanOrEqual(before);
    expect(await server.metrics.registry.getSingleMetricAsString('undertone_sessions_opened_total')).toContain(' 200');
  });
});

test('a stopped server leaves no timer', async () => {
  const before = timers();
  const server = await startTestServer();
  for (const kind of TRANSPORTS) {
    const client = await server.open(kind);
    client.frame(0, 0);
    await client.next('sentiment.result');
  }
  await server.close();
  await expect.poll(timers).toBeLessThanOrEqual(before);
});
