import { EventEmitter, once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { UndertoneError } from '../../models/errors.ts';
import { createLogger } from '../../server/log.ts';
import { feed } from './support/feed.ts';
import { TRANSPORTS } from './support/test-client.ts';
import { startTestServer, stopTestServers } from './support/test-server.ts';

afterEach(stopTestServers);

describe.each(TRANSPORTS)('drain over %s', (kind) => {
  test('sessions are warned, finalized and closed with 1001; nobody new comes in', async () => {
    const server = await startTestServer();
    const client = await server.open(kind);
    const idle = await server.connect(kind);
    const stream = feed(client, 60);
    await client.next('sentiment.result');
    stream.stop();
    // Keeps the last predictions in flight so that there is something to wait for.
    const gate = new EventEmitter();
    const held = once(gate, 'open');
    const predict = server.model.predict.bind(server.model);
    server.model.predict = async (window) => {
      await held;
      return predict(window);
    };
    const { ptsMs } = stream.sent;
    client.caption('late', 'one more thing', ptsMs, ptsMs + 50);
    // More than a hop later, so that there is another window to predict.
    client.frame(1000, ptsMs + 250);
    // Answered in order, so what was sent before it has arrived.
    client.send({ type: 'nonsense' });
    await client.next('error');
    const closed = server.close();
    await client.next('warning', ({ code }) => code === 'draining');
    const ready = await fetch(`${server.url}/readyz`);
    expect([ready.status, ready.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await ready.json()).toMatchObject({ ready: false, draining: true });
    const late = await server.connect(kind);
    expect(await late.next('error')).toMatchObject({ code: 'draining', fatal: true });
    expect(await late.closed).toBe(1001);

    gate.emit('open');
    const end = await client.next('session.closed');
    expect(end).toMatchObject({ code: 1001, reason: 'draining' });
    expect(end.totals.captions).toBe(stream.sent.captions + 1);
    expect(await client.closed).toBe(1001);
    await closed;
    await idle.closed;
    await expect.poll(() => server.counts()).toEqual({ sessions: 0, connections: 0, observers: 0 });
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow('fetch failed');
  });

  test('a session that cannot finish is closed as it is after drainMs, with 1001 too, and that is no failure', async () => {
    const lines: string[] = [];
    const logger = createLogger('info', { write: (line) => void lines.push(line) });
    const server = await startTestServer({ drainMs: 100, logger });
    const client = await server.open(kind);
    let closeModel = (): void => undefined;
    const predicting = new Promise<void>((resolve) => {
      const closed = new Promise<never>((_, reject) => {
        closeModel = () => reject(new UndertoneError('model_closed', 'the model was closed'));
      });
      server.model.predict = () => {
        resolve();
        return closed;
      };
    });
    client.frame(0, 0);
    await predicting;
    await server.close();
    expect(await client.closed).toBe(1001);
    await expect.poll(() => server.counts().connections).toBe(0);
    closeModel();
    await expect.poll(() => server.counts().sessions).toBe(0);
    expect(lines.join('')).toContain('session ended');
    expect(lines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });
});

test('a session that made room for another one has time to finish, too', async () => {
  const lines: string[] = [];
  const logger = createLogger('info', { write: (line) => void lines.push(line) });
  const server = await startTestServer({ maxSessions: 1, logger });
  const gate = new EventEmitter();
  const held = once(gate, 'open');
  const predicting = new EventEmitter();
  const asked = once(predicting, 'asked');
  const predict = server.model.predict.bind(server.model);
  server.model.predict = async (window) => {
    predicting.emit('asked');
    await held;
    return predict(window);
  };
  const first = await server.open('ws');
  first.frame(0, 0);
  await asked;
  first.drop();
  await first.closed;
  // Once the server knows, the first makes room.
  await expect.poll(() => server.counts().connections).toBe(0);
  const second = await server.open('ws');
  const closed = server.close();
  expect(await second.closed).toBe(1001);
  expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
  gate.emit('open');
  await closed;
  const said = lines.map((line) => (JSON.parse(line) as { reason?: string; msg: string }).reason ?? line);
  expect(said.slice(-3)).toEqual(['draining', 'made room', expect.stringContaining('stopped')]);
});
