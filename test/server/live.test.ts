import { afterEach, describe, expect, test, vi } from 'vitest';
import { TRANSPORTS } from './support/test-client.ts';
import { feed } from './support/feed.ts';
import { startTestServer, stopTestServers, stopTime } from './support/test-server.ts';
import type { TestClient } from './support/test-client.ts';

afterEach(stopTestServers);

/** What an observer must see as the client does. */
function seen(watcher: TestClient): unknown[] {
  return watcher.messages.filter((message) => 'seq' in message || message.type === 'session.closed');
}

/** Media times of results, in order, are one hop apart. */
function expectHopRate(client: TestClient, hopMs: number): void {
  const times = client.of('sentiment.result').map((result) => result.pts_ms);
  const steps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
  expect(new Set(steps)).toEqual(new Set([hopMs]));
}

const modalityState = (client: TestClient, modality: string, after: number) =>
  client.next('modality.state', (message) => message.modality === modality && message.pts_ms > after);

describe.each(TRANSPORTS)('a live session over %s', (kind) => {
  test('goes on when captions stop, says so when both do, and reunites; an observer sees it all', async () => {
    const server = await startTestServer({}, { windowMs: 1000, hopMs: 250 });
    const client = await server.open(kind);
    const created = client.of('session.created')[0];
    expect(created).toMatchObject({ bundle: { name: 'fake', sha256: '0'.repeat(64) }, device: { provider: 'cpu' } });
    const observer = await server.connect('socket.io');
    const reply: unknown = await observer.socket?.emitWithAck('observe', {
      session_id: created?.session_id,
      token: created?.observe_token,
    });
    expect(reply).toEqual({ ok: true });
    expect(await observer.next('session.created')).toMatchObject({ session_id: created?.session_id, resume_token: '' });

    const stream = feed(client, 250);
    await client.next('sentiment.result', (result) => result.modalities['text']?.source === 'observed');
    await client.next('sentiment.result', (result) => result.modalities['video']?.source !== 'absent');

    stream.text = false;
    const gone = await modalityState(client, 'text', 500);
    expect(gone).toMatchObject({ state: 'virtual' });
    expect(gone.cause).not.toBeNull();
    const degraded = await client.next('sentiment.result', (result) => result.pts_ms > gone.pts_ms);
    expect(degraded).toMatchObject({ state: 'degraded', modalities: { text: { source: 'virtual' } } });
    expect(degraded.score).not.toBeNull();

    stream.video = false;
    const nothing = await client.next('sentiment.result', (result) => result.state === 'insufficient');
    expect(nothing).toMatchObject({ score: null, label: null, probs: null, emotions: null, confidence: null });

    stream.video = true;
    stream.text = true;
    for (const modality of ['video', 'text']) {
      const back = await client.next(
        'modality.state',
        (message) => message.modality === modality && message.state === 'observed' && message.pts_ms > nothing.pts_ms,
      );
      expect(back.pts_ms).toBeGreaterThan(nothing.pts_ms);
    }
    const reunion = await client.next('modality.reunion');
    expect(Math.abs(reunion.cosine)).toBeLessThanOrEqual(1);
    stream.stop();
    client.send({ type: 'session.close' });
    const { totals } = await client.next('session.closed');
    await observer.closed;

    expectHopRate(client, 250);
    expect(seen(observer)).toEqual(seen(client));
    expect(totals.captions).toBe(stream.sent.captions);
    expect(totals.frames.received).toBe(stream.sent.frames);
    const dropped = Object.values(totals.frames.dropped).reduce((sum, n) => sum + n, 0);
    expect(totals.frames.encoded + dropped).toBe(totals.frames.received);
    expect(totals.results).toBe(client.of('sentiment.result').length);
    expect(server.counts()).toMatchObject({ sessions: 0 });
  });

  test('tells counterfactuals to a session that asks, and to no other', async () => {
    const server = await startTestServer();
    const [asking, plain] = [await server.open(kind, { counterfactuals: true }), await server.open(kind)];
    expect(asking.of('session.created')[0]?.counterfactuals).toBe(true);
    const streams = [feed(asking, 100), feed(plain, 100)];
    const whole = await asking.next('sentiment.result', ({ state }) => state === 'ok');
    expect(whole.counterfactuals).toEqual({
      as_is: whole.score,
      only: { video: expect.any(Number), text: expect.any(Number) },
      zero_filled: whole.score,
    });
    expect(whole.counterfactuals?.only['video']).not.toBe(whole.counterfactuals?.only['text']);
    await plain.next('sentiment.result', ({ state }) => state === 'ok');
    for (const stream of streams) stream.stop();
    expect(asking.of('sentiment.result').every((result) => result.counterfactuals !== undefined)).toBe(true);
    expect(plain.of('sentiment.result').some((result) => 'counterfactuals' in result)).toBe(false);
  });

  test('credit: two frames at once, and one for each that settles', async () => {
    const server = await startTestServer();
    const client = await server.open(kind);
    expect(await client.next('credit')).toEqual({ type: 'credit', frames: 2 });
    const granted = (): number => client.of('credit').reduce((sum, credit) => sum + credit.frames, 0);
    for (let i = 0; i < 4; i++) {
      client.frame(i, i * 60);
      await client.next('credit', () => granted() === 3 + i);
    }
    // A client that ignores its credit is served all the same, and is never owed more than two.
    for (let i = 4; i < 12; i++) client.frame(i, i * 60);
    client.send({ type: 'session.close' });
    const { totals } = await client.next('session.closed');
    expect(totals.frames.received).toBe(12);
    expect(granted()).toBeLessThanOrEqual(12 + 2);
  });

  test('finalize gives the results of everything sent', async () => {
    const server = await startTestServer();
    const client = await server.open(kind);
    client.frame(0, 0);
    client.frame(1, 950);
    client.send({ type: 'finalize' });
    const last = await client.next('sentiment.result', (result) => result.pts_ms >= 900);
    expect(last.modalities['video']?.source).not.toBe('absent');
    expectHopRate(client, 100);
  });

  test('a warning of the operator reaches every session', async () => {
    const server = await startTestServer();
    const client = await server.open(kind);
    server.warn('device_fallback', 'the GPU is gone');
    expect(await client.next('warning')).toMatchObject({ code: 'device_fallback', message: 'the GPU is gone' });
  });

  test('other options before media take back nothing that was heard or counted', async () => {
    const server = await startTestServer();
    const client = await server.open(kind);
    client.send({ type: 'keepalive' });
    client.send({ type: 'modality.set', modality: 'audio', state: 'paused' });
    client.send({ type: 'session.update', protocol: 1, smoothing: 0.5 });
    client.frame(0, 0);
    const first = await client.next('sentiment.result');
    expect(first.modalities['text']?.cause).toBe('silence');
    client.send({ type: 'session.close' });
    const { totals } = await client.next('session.closed');
    expect(client.of('error').map(({ code }) => code)).toEqual(['unknown_modality']);
    expect(totals.errors).toBe(1);
  });

  test('a pause is its own cause', async () => {
    const server = await startTestServer();
    const client = await server.open(kind);
    const stream = feed(client, 100);
    await client.next('modality.state', (message) => message.modality === 'video' && message.state === 'observed');
    client.send({ type: 'modality.set', modality: 'video', state: 'paused' });
    const paused = await client.next(
      'modality.state',
      (message) => message.modality === 'video' && message.state !== 'observed' && message.cause === 'client_paused',
    );
    expect(paused.state).toBe('virtual');
    stream.stop();
  });
});

describe('observers', () => {
  test('several watch one session; each of wrong token, wrong session and too many is refused', async () => {
    const server = await startTestServer({ maxObservers: 2 });
    const client = await server.open('ws');
    const { session_id: sessionId = '', observe_token: token = '' } = client.of('session.created')[0] ?? {};
    const observe = async (request: Record<string, unknown>) => {
      const observer = await server.connect('socket.io');
      const reply: unknown = await observer.socket?.emitWithAck('observe', request);
      return { observer, reply };
    };
    const cases: [Record<string, unknown>, unknown][] = [
      [
        { session_id: sessionId, token: 'guess' },
        { ok: false, code: 'unauthorised' },
      ],
      [
        { session_id: 'none', token },
        { ok: false, code: 'unauthorised' },
      ],
      [{ session_id: sessionId, token }, { ok: true }],
      [{ session_id: sessionId, token }, { ok: true }],
      [
        { session_id: sessionId, token },
        { ok: false, code: 'overloaded' },
      ],
    ];
    const observers: TestClient[] = [];
    for (const [request, expected] of cases) {
      const { observer, reply } = await observe(request);
      expect(reply).toEqual(expected);
      observers.push(observer);
    }
    expect(await observers[0]?.closed).toBe(4001);
    expect(await observers[4]?.closed).toBe(1013);
    expect(server.counts().observers).toBe(2);
  });

  test('an observer cannot take part', async () => {
    const server = await startTestServer();
    const client = await server.open('ws');
    const { session_id: sessionId, observe_token: token } = client.of('session.created')[0] ?? {};
    const observer = await server.connect('socket.io');
    await observer.socket?.emitWithAck('observe', { session_id: sessionId, token });
    observer.send({ type: 'session.close' });
    observer.frame(0, 0);
    await observer.next('error', () => observer.of('error').length === 2);
    expect(server.counts().sessions).toBe(1);
    observer.drop();
    client.frame(0, 0);
    await client.next('sentiment.result');
    expect(server.counts().observers).toBe(0);
  });

  test('a wrong or second request is answered, and too many end the connection', async () => {
    const server = await startTestServer({ maxBadMessages: 5 });
    const client = await server.open('ws');
    const { session_id: sessionId, observe_token: token } = client.of('session.created')[0] ?? {};
    const observer = await server.connect('socket.io');
    const observe = (request: object): Promise<unknown> | undefined => observer.socket?.emitWithAck('observe', request);
    expect(await observe({ session_id: sessionId })).toEqual({ ok: false, code: 'bad_message' });
    expect(await observer.socket?.emitWithAck('observe')).toEqual({ ok: false, code: 'bad_message' });
    expect(await observe({ session_id: sessionId, token })).toEqual({ ok: true });
    expect(await observe({ session_id: sessionId, token })).toEqual({ ok: false, code: 'bad_message' });
    expect(observer.count('session.created')).toBe(1);
    for (let i = 0; i < 10; i++) observer.send({ type: 'keepalive' });
    expect(await observer.closed).toBe(4101);
    expect(server.counts()).toMatchObject({ sessions: 1, observers: 0 });
  });

  test('with a server token, that token watches any session', async () => {
    const server = await startTestServer({ token: 'secret' });
    const client = await server.open('ws', { token: 'secret' });
    const observer = await server.connect('socket.io');
    const { session_id: sessionId } = client.of('session.created')[0] ?? {};
    const reply: unknown = await observer.socket?.emitWithAck('observe', { session_id: sessionId, token: 'secret' });
    expect(reply).toEqual({ ok: true });
    const lost = await server.connect('socket.io');
    const none: unknown = await lost.socket?.emitWithAck('observe', { session_id: 'none', token: 'secret' });
    expect(none).toEqual({ ok: false, code: 'no_such_session' });
    expect(await lost.closed).toBe(1000);
    expect(server.counts().observers).toBe(1);
  });

  test('an observer says no hello, and is not asked for one', async () => {
    stopTime();
    const server = await startTestServer({ helloMs: 500 });
    const client = await server.open('ws');
    const { session_id: sessionId, observe_token: token } = client.of('session.created')[0] ?? {};
    const observer = await server.connect('socket.io');
    await observer.socket?.emitWithAck('observe', { session_id: sessionId, token });
    vi.advanceTimersByTime(500);
    client.send({ type: 'nonsense' });
    expect(await observer.next('error')).toMatchObject({ code: 'unknown_type' });
    expect(server.counts().observers).toBe(1);
  });
});
