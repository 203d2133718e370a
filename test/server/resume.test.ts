import { afterEach, describe, expect, test } from 'vitest';
import { feed } from './support/feed.ts';
import { TRANSPORTS } from './support/test-client.ts';
import { startTestServer, stopTestServers } from './support/test-server.ts';
import type { TestClient } from './support/test-client.ts';
import type { TestServer } from './support/test-server.ts';

afterEach(stopTestServers);

const seqs = (client: TestClient): number[] =>
  client.messages.flatMap((message) => ('seq' in message ? [message.seq] : []));

/** Results go on while nobody listens. */
async function resultsWithoutListener({ metrics }: TestServer, count: number): Promise<void> {
  const made = async (): Promise<number> => {
    const metric = await metrics.registry.getSingleMetric('undertone_results_total')?.get();
    return metric?.values.reduce((sum, { value }) => sum + value, 0) ?? 0;
  };
  const before = await made();
  await expect.poll(made, { timeout: 10_000 }).toBeGreaterThanOrEqual(before + count);
}

test.each([
  ['without a code, as a plain close() does', undefined, 0],
  ['as a page does that goes away', 1001, 1],
])('a client that closes %s', async (_name, code, left) => {
  const server = await startTestServer();
  const client = await server.open('ws');
  client.ws?.close(code);
  await expect.poll(() => server.counts().connections).toBe(0);
  await expect.poll(() => server.counts().sessions).toBe(left);
});

describe.each(TRANSPORTS)('resume over %s', (kind) => {
  test('after a drop: the same session, no result lost or repeated', async () => {
    const server = await startTestServer();
    const first = await server.open(kind);
    const { session_id: id, resume_token: resume } = first.of('session.created')[0] ?? {};
    const stream = feed(first, 50);
    await first.next('sentiment.result', (result) => result.seq >= 4);
    stream.stop();
    first.drop();
    await first.closed;
    const lastSeq = Math.max(...seqs(first));
    await resultsWithoutListener(server, 3);
    const second = await server.open(kind, { resume, last_seq: lastSeq });
    expect(second.of('session.created')[0]?.session_id).toBe(id);
    expect(await second.next('credit')).toEqual({ type: 'credit', frames: 2 });
    await second.next('sentiment.result', (result) => result.seq >= lastSeq + 6);
    const all = [...seqs(first), ...seqs(second)];
    expect(all).toEqual(all.map((_, i) => i));
    expect(server.counts().sessions).toBe(1);
  });

  test('with more to send again than leaves at once: no result lost either', async () => {
    const server = await startTestServer({ coalesceBytes: 1 });
    const first = await server.open(kind);
    const { resume_token: resume } = first.of('session.created')[0] ?? {};
    first.frame(0, 0);
    await first.next('sentiment.result');
    first.drop();
    await first.closed;
    await resultsWithoutListener(server, 6);
    const second = await server.open(kind, { resume, last_seq: -1 });
    await second.next('sentiment.result', ({ seq }) => seq >= 6);
    expect(seqs(second).slice(0, 7)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  test('while the old connection is open: it is superseded with 4103', async () => {
    const server = await startTestServer();
    const first = await server.open(kind);
    const { resume_token: resume } = first.of('session.created')[0] ?? {};
    first.frame(0, 0);
    await first.next('sentiment.result', (result) => result.seq >= 2);
    const second = await server.open(kind, { resume, last_seq: -1 });
    expect(await first.next('error')).toMatchObject({ code: 'superseded', fatal: true });
    expect(await first.closed).toBe(4103);
    const told = first.of('session.closed').map(({ totals }) => totals.frames.received);
    expect(told).toEqual(kind === 'ws' ? [] : [1]);
    await second.next('sentiment.result', (result) => result.seq >= 3);
    expect(seqs(second)[0]).toBe(0);
    expect(new Set(seqs(second)).size).toBe(seqs(second).length);
    expect(server.counts().sessions).toBe(1);
  });

  test('what had arrived is counted before what comes next', async () => {
    const server = await startTestServer();
    const first = await server.open(kind);
    const { resume_token: resume } = first.of('session.created')[0] ?? {};
    first.caption('a', 'a', 0, 10);
    await first.next('metrics', ({ captions }) => captions === 1);
    first.caption('b', 'b', 0, 10);
    await first.next('metrics', ({ captions }) => captions === 2);
    first.drop();
    await first.closed;
    const second = await server.open(kind, { resume });
    second.caption('c', 'c', 0, 10);
    expect((await second.next('metrics')).captions).toBe(2);
    expect((await second.next('metrics', ({ captions }) => captions > 2)).captions).toBe(3);
  });

  test.each([
    ['a token of nobody', { resumeMs: 60_000 }, 'nobody', 1],
    ['after the time for it', { resumeMs: 30 }, undefined, 0],
  ])('%s: a new session, and a warning', async (_name, options, token, left) => {
    const server = await startTestServer(options);
    const first = await server.open(kind);
    const { session_id: id, resume_token: resume } = first.of('session.created')[0] ?? {};
    first.drop();
    await first.closed;
    await expect.poll(() => server.counts().sessions).toBe(left);
    const second = await server.open(kind, { resume: token ?? resume });
    expect(second.of('warning')[0]?.code).toBe('no_such_session');
    expect(second.of('session.created')[0]?.session_id).not.toBe(id);
  });

  test('a session that is open cannot become another one, and goes on', async () => {
    const server = await startTestServer();
    const first = await server.open(kind);
    const second = await server.open(kind);
    second.send({ type: 'session.update', protocol: 1, resume: first.of('session.created')[0]?.resume_token });
    expect(await second.next('error')).toMatchObject({ code: 'bad_message', fatal: false });
    second.frame(0, 0);
    await second.next('sentiment.result');
    expect([second.count('session.updated'), first.count('error'), server.counts().sessions]).toEqual([0, 0, 2]);
  });

  test('a client that leaves on purpose does not come back', async () => {
    const server = await startTestServer();
    const client = await server.open(kind);
    client.leave();
    await expect.poll(() => server.counts()).toEqual({ sessions: 0, connections: 0, observers: 0 });
  });

  test('older than what is kept: a warning says that something is missing', async () => {
    const server = await startTestServer({ resumeMessages: 3 });
    const first = await server.open(kind);
    const { resume_token: resume } = first.of('session.created')[0] ?? {};
    first.frame(0, 0);
    await first.next('sentiment.result', (result) => result.seq >= 6);
    first.drop();
    await first.closed;
    const second = await server.open(kind, { resume, last_seq: 0 });
    expect((await second.next('warning')).message).toContain('no longer kept');
    second.drop();
    await second.closed;
    // More than are kept.
    await resultsWithoutListener(server, 7);
    const third = await server.open(kind, { resume });
    expect((await third.next('warning')).message).toContain('no longer kept');
  });
});
