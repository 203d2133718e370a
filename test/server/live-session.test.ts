import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { loadConfig } from '../../server/config.ts';
import { createLogger } from '../../server/log.ts';
import { createMetrics } from '../../server/metrics.ts';
import { LiveSession } from '../../server/sessions/live-session.ts';
import { fakeModel } from '../support/fake-model.ts';
import type { ServerMessage } from '../../pipeline/protocol/index.ts';

const RESUME_MS = 1000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function makeSession() {
  let ended = 0;
  const nothing = () => undefined;
  const session = new LiveSession(
    {
      model: fakeModel(),
      config: loadConfig({ resumeMs: RESUME_MS }, {}),
      metrics: createMetrics({
        sessions: () => ({ attached: 0, detached: 0 }),
        connections: () => 0,
        observers: () => 0,
        runtime: nothing,
        shadowStalled: () => false,
      }),
      log: createLogger('silent'),
      audience: { publish: nothing, end: nothing },
      now: () => Date.now(),
      onEnded: () => void ended++,
    },
    { type: 'session.update', protocol: 1 },
  );
  return { session, ended: () => ended };
}

function makeClient() {
  const got: ServerMessage[] = [];
  const deliver = (message: ServerMessage): void => void got.push(message);
  return { got, deliver, deliverSoon: deliver, deliverAgain: deliver, dropAgain: () => 0, close: () => undefined };
}

test('a session that was resumed in time does not end when that time is over', async () => {
  const { session, ended } = makeSession();
  const first = makeClient();
  session.attach(first);
  session.detach(first);
  await vi.advanceTimersByTimeAsync(RESUME_MS - 1);
  const second = makeClient();
  session.resume(second, -1);
  await vi.advanceTimersByTimeAsync(2 * RESUME_MS);
  expect([session.attached, ended()]).toEqual([true, 0]);

  session.detach(second);
  await vi.advanceTimersByTimeAsync(RESUME_MS - 1);
  expect(session.ending).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(session.ending).toBe(true);
  await vi.runOnlyPendingTimersAsync();
  expect(ended()).toBe(1);
});

test('what a client that left may still send is no credit of the next one', () => {
  const { session } = makeSession();
  const [first, second] = [makeClient(), makeClient()];
  session.attach(first);
  session.detach(first);
  session.resume(second, -1);
  const granted = [first, second].map(({ got }) => got.filter(({ type }) => type === 'credit'));
  expect(granted[0]).toHaveLength(1);
  expect(granted[1]).toEqual(granted[0]);
});

test('a session whose pipeline fails as it ends has ended once', async () => {
  const { session, ended } = makeSession();
  const client = makeClient();
  session.attach(client);
  session.push({
    kind: 'caption',
    caption: { type: 'caption', segment_id: 's', revision: 0, text: 'so', is_final: true, start_ms: 0, end_ms: 100 },
  });
  vi.spyOn(performance, 'now').mockImplementationOnce(() => {
    throw new Error('no time is left');
  });
  await session.end(1000, 'the client closed the session');
  const told = client.got.filter(({ type }) => type === 'error' || type === 'session.closed');
  expect(told).toMatchObject([
    { type: 'error', code: 'internal', fatal: true },
    { type: 'session.closed', code: 1000 },
  ]);
  expect(ended()).toBe(1);
});
