import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { connect } from '../../../client/sdk/index.ts';
import { startServer } from '../../../server/start-server.ts';
import { fakeModel } from '../../support/fake-model.ts';
import { startSwallowingProxy } from '../../support/swallowing-proxy.ts';
import type { UndertoneClient } from '../../../client/sdk/index.ts';
import type { RunningServer } from '../../../server/start-server.ts';
import type { FakeModel } from '../../support/fake-model.ts';
import type { SwallowingProxy } from '../../support/swallowing-proxy.ts';

/** Only a hang fails a test, not a busy machine. */
const PATIENT = { timeout: 15_000, interval: 10 };

let model: FakeModel;
let server: RunningServer;
let proxy: SwallowingProxy;
let client: UndertoneClient;

beforeEach(async () => {
  // Everything that is said here stays in the window.
  model = fakeModel({ windowMs: 60_000 });
  server = await startServer({ model, port: 0, logLevel: 'silent', drainMs: 200, pingMs: 500, pingMisses: 2 });
  proxy = await startSwallowingProxy(server.port);
});
afterEach(async () => {
  await client.close();
  await proxy.close();
  await server.close();
});

function say(segmentId: string, revision: number, startMs: number, text = segmentId): void {
  client.sendCaption({ segmentId, revision, text, isFinal: revision > 0, startMs, endMs: startMs + 10 });
}

/** The text of the newest window, as the model got it. */
function heard(): string | undefined {
  const texts = model.encoded.flatMap(({ input }) => (input.kind === 'text' ? [input.text] : []));
  return texts.at(-1);
}

describe.each(['ws', 'socket.io'] as const)('over %s', (transport) => {
  function open(): void {
    const path = transport === 'ws' ? '/v1/stream' : '/v1/live';
    client = connect({
      url: `ws://127.0.0.1:${proxy.port}${path}`,
      transport,
      hopMs: 50,
      WebSocket,
      reconnect: { baseMs: 1, maxMs: 4 },
      staleMs: 2000,
      closeMs: PATIENT.timeout,
    });
  }

  test.each([
    // What the client sent is lost, and the server never counts it.
    ['either way', ['up', 'down'], 3],
    ['from the client', ['up'], 3],
    // The server has it already and counts it twice; its words are there once.
    ['from the server', ['down'], 5],
  ] as const)('captions reach the session once where nothing arrives %s', async (_, directions, received) => {
    open();
    const sessions: boolean[] = [];
    const problems: string[] = [];
    let counted = 0;
    client.on('session', ({ resumed }) => sessions.push(resumed));
    client.on('metrics', ({ captions }) => (counted = captions));
    for (const name of ['warning', 'error'] as const) client.on(name, ({ code }) => problems.push(code));

    // Said while there is no connection.
    const off = client.on('connection', ({ state }) => {
      if (state !== 'reconnecting') return;
      off();
      say('c', 1, 200);
    });

    say('a', 0, 0);
    await vi.waitUntil(() => counted === 1, PATIENT);
    proxy.swallow(...directions);
    say('b', 0, 100, 'bee');
    say('b', 1, 100);
    await vi.waitUntil(() => sessions.length > 1 && heard() === 'a b c', PATIENT);
    const { totals } = await client.close();

    expect(sessions).toEqual(sessions.map((_resumed, index) => index > 0));
    expect(totals?.captions).toBeGreaterThanOrEqual(received);
    expect(heard()).toBe('a b c');
    expect(problems).toEqual([]);
    expect(client.captionsDropped).toBe(0);
  });

  test('captions that arrived once are not sent again, though others had been lost before', async () => {
    open();
    const counts: number[] = [];
    client.on('metrics', ({ captions }) => counts.push(captions));
    const opened = vi.fn<() => void>();
    client.on('session', opened);

    say('a', 0, 0);
    await vi.waitUntil(() => counts.at(-1) === 1, PATIENT);
    proxy.swallow('up', 'down');
    for (const revision of [0, 1, 2, 3]) say('b', revision, 100);
    await vi.waitUntil(() => opened.mock.calls.length === 2 && counts.at(-1) === 2, PATIENT);
    proxy.swallow('up', 'down');
    await vi.waitUntil(() => opened.mock.calls.length === 3, PATIENT);
    const { totals } = await client.close();

    expect(totals?.captions).toBe(2);
  });
});
