import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createSilentServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { connect } from '../../../client/sdk/index.ts';
import { CLOSE } from '../../../pipeline/protocol/index.ts';
import { NO_TOTALS, sentimentResult, startProtocolServer } from '../../support/protocol-server.ts';
import type { AddressInfo } from 'node:net';
import type { Closed, ConnectOptions, Result, Revision, Session, UndertoneClient } from '../../../client/sdk/index.ts';
import type { ServerMessage } from '../../../pipeline/protocol/index.ts';
import type { Peer, ProtocolServer } from '../../support/protocol-server.ts';

/** Only a hang fails a test, not a busy machine. */
const PATIENT = { timeout: 15_000, interval: 10 };
const IMAGE = Uint8Array.of(0xff, 0xd8, 0xff);

/** A file that was deleted since it was chosen. */
class LostBlob extends Blob {
  override arrayBuffer(): Promise<ArrayBuffer> {
    return Promise.reject(new DOMException('the file is gone', 'NotFoundError'));
  }
}

/** Is read when the test says so, and then cannot be. */
class SlowBlob extends Blob {
  #fail: () => void = () => undefined;

  fail(): void {
    this.#fail();
  }

  override arrayBuffer(): Promise<ArrayBuffer> {
    return new Promise((_, reject) => {
      this.#fail = () => reject(new DOMException('the file is gone', 'NotFoundError'));
    });
  }
}

const caption = (segmentId: string, revision = 0, text = 'hello') => ({
  segmentId,
  revision,
  text,
  isFinal: false,
  startMs: 0,
  endMs: 500,
});

let server: ProtocolServer;
let client: UndertoneClient;

beforeEach(async () => {
  server = await startProtocolServer();
});
afterEach(async () => {
  void client.close();
  await server.close();
});

function open(options: Partial<ConnectOptions> = {}): UndertoneClient {
  client = connect({
    url: server.url,
    WebSocket,
    reconnect: { baseMs: 1, maxMs: 4 },
    closeMs: PATIENT.timeout,
    ...options,
  });
  return client;
}

/** The session that comes after the peer's greeting. */
async function greeted(peer: Peer, sessionId: string): Promise<Session> {
  const session = nextSession();
  peer.greet(sessionId);
  return session;
}

/** Greets a client, and gives it credit for so many frames. */
async function credited(peer: Peer, frames: number): Promise<void> {
  await greeted(peer, 's1');
  peer.send({ type: 'credit', frames });
  await vi.waitUntil(() => client.wantsFrame, PATIENT);
}

function nextSession(): Promise<Session> {
  return new Promise((resolve) => {
    const off = client.on('session', (session) => {
      off();
      resolve(session);
    });
  });
}

function nextMetrics(): Promise<void> {
  return new Promise((resolve) => {
    const off = client.on('metrics', () => {
      off();
      resolve();
    });
  });
}

function closed(): Promise<Closed> {
  return new Promise((resolve) => client.on('closed', resolve));
}

describe('hello', () => {
  test('carries the options in the wire names, and only those given', async () => {
    open({ bundle: 'undertone-compact', hopMs: 500, counterfactuals: true, token: 'secret' });
    const peer = await server.nextPeer();
    expect(peer.messages[0]).toEqual({
      type: 'session.update',
      protocol: 1,
      bundle: 'undertone-compact',
      hop_ms: 500,
      counterfactuals: true,
      token: 'secret',
    });
  });

  test.each(['localhost:8080', '/v1/stream', 'ftp://host/', 'ws://host/v1/stream#live', 'ws://host/#'])(
    'refuses %s as an address',
    (url) => {
      expect(() => connect({ url })).toThrow(expect.objectContaining({ code: 'bad_options' }));
    },
  );

  test.each([
    ['ws', '/v1/stream'],
    ['socket.io', '/v1/live'],
  ] as const)('over %s takes a URL, and tells that nobody answers there', async (transport, path) => {
    const url = new URL(path, server.url);
    await server.close();
    client = connect({ url, transport, reconnect: { baseMs: 1, attempts: 1 } });
    const failures: string[] = [];
    client.on('error', ({ code, message }) => failures.push(`${code} ${message}`));
    expect(await closed()).toMatchObject({ code: 1006, reason: 'unreachable' });
    expect(failures).toEqual([expect.stringContaining(`unreachable ${url.href} gave no connection in 2 tries`)]);
    server = await startProtocolServer();
  });

  test.each([
    [{ hopMs: 10 }, /^hopMs: /],
    [{ smoothing: 1 }, /^smoothing: /],
    [{ transport: 'socketio' as 'ws' }, /^transport: socketio is none of ws, socket.io$/],
    [{ handshakeMs: NaN }, /^handshakeMs must be a number from 0 on: NaN$/],
    [{ staleMs: -1 }, /^staleMs must be /],
    [{ keepaliveMs: '5000' as unknown as number }, /^keepaliveMs must be /],
    [{ captionBuffer: NaN }, /^captionBuffer must be /],
    [{ reconnect: { attempts: NaN } }, /^reconnect.attempts must be /],
  ])('refuses %j before anything is sent', (options, message) => {
    expect(() => connect({ url: server.url, ...options })).toThrow(
      expect.objectContaining({ code: 'bad_options', message: expect.stringMatching(message) }),
    );
    expect(server.connections).toBe(0);
  });

  test('options that are undefined are those that are absent', async () => {
    const undefinedOnes = { token: undefined, transport: undefined, signal: undefined, handshakeMs: undefined };
    open({ ...undefinedOnes, reconnect: { baseMs: 1, maxMs: undefined, attempts: undefined, random: undefined } });
    const peer = await server.nextPeer();
    expect(peer.messages[0]).toEqual({ type: 'session.update', protocol: 1 });
    peer.cut();
    await server.nextPeer();
    expect(client.connection).toMatchObject({ state: 'reconnecting', attempt: 1 });
  });

  test('waits of Infinity do not end', async () => {
    open({ handshakeMs: Infinity, staleMs: Infinity, keepaliveMs: Infinity, closeMs: Infinity });
    const peer = await server.nextPeer();
    await greeted(peer, 's1');
    const counted = nextMetrics();
    peer.send(metrics(0));
    await counted;
    const goodbye = client.close();
    await peer.until(({ messages }) => messages.some(({ type }) => type === 'session.close'));
    peer.send({ type: 'session.closed', code: CLOSE.normal, reason: 'bye', totals: NO_TOTALS });
    peer.close(CLOSE.normal);
    expect(await goodbye).toMatchObject({ code: CLOSE.normal, reason: 'bye', totals: { captions: 0 } });
    expect(peer.messages.map(({ type }) => type)).toEqual(['session.update', 'session.close']);
    expect(server.connections).toBe(1);
  });

  test('that the server refuses ends the client, which would only ask for the same again', async () => {
    open({ bundle: 'other' });
    const errors: string[] = [];
    client.on('error', ({ code }) => errors.push(code));
    const end = closed();
    const peer = await server.nextPeer();
    peer.send({ type: 'error', code: 'unknown_bundle', message: 'not here', fatal: false, request_id: '' });
    expect(await end).toEqual({ code: CLOSE.badMessage, reason: 'unknown_bundle', totals: null });
    expect(errors).toEqual(['unknown_bundle']);
    expect(server.connections).toBe(1);
  });

  test('uses a WebSocket of its own where none is given', async () => {
    client = connect({ url: server.url });
    const peer = await server.nextPeer();
    const session = await greeted(peer, 's1');
    expect(session).toMatchObject({ sessionId: 's1', hopMs: 250, resumed: false, limits: { maxFramesPerS: 30 } });
  });
});

describe('frames', () => {
  test('go out one per credit, in order, and the newest of those that wait', async () => {
    open();
    const peer = await server.nextPeer();
    await greeted(peer, 's1');
    expect(client.wantsFrame).toBe(false);
    for (const ptsMs of [0, 100, 200]) client.sendFrame(IMAGE, ptsMs);
    client.finalize();
    await peer.until(({ messages }) => messages.length === 2);
    expect(peer.frames).toEqual([]);

    peer.send({ type: 'credit', frames: 2 });
    await peer.until(({ frames }) => frames.length === 1);
    client.sendFrame(new Blob([IMAGE]), 300.4);
    client.sendFrame(IMAGE, 400);
    client.sendFrame(IMAGE, 500);
    await peer.until(({ frames }) => frames.length === 2);
    peer.send({ type: 'credit', frames: 1 });
    await peer.until(({ frames }) => frames.length === 3);

    expect(peer.frames.map(({ seq, ptsMs }) => [seq, ptsMs])).toEqual([
      [0, 200],
      [1, 300],
      [2, 500],
    ]);
    expect([...(peer.frames[1]?.image ?? [])]).toEqual([...IMAGE]);
    expect(client.frames).toEqual({ offered: 6, sent: 3, dropped: 3 });
    expect(peer.invalid).toEqual([]);
  });

  test('keep their order when the first is a Blob', async () => {
    open();
    const peer = await server.nextPeer();
    await credited(peer, 2);
    client.sendFrame(new Blob([IMAGE]), 1);
    client.sendFrame(IMAGE, 2);
    await peer.until(({ frames }) => frames.length === 2);
    expect(peer.frames.map(({ ptsMs }) => ptsMs)).toEqual([1, 2]);
  });

  test.each([
    ['bytes', () => IMAGE],
    ['a Blob', () => new Blob([IMAGE])],
  ])('as %s leave before what is asked after them, and none after the goodbye', async (_, image) => {
    open();
    const peer = await server.nextPeer();
    await credited(peer, 4);
    client.sendFrame(image(), 1);
    client.finalize();
    client.sendFrame(image(), 2);
    void client.close();
    expect(client.wantsFrame).toBe(false);
    client.sendFrame(image(), 3);
    const before: number[] = [];
    await peer.until(({ messages, frames }) => {
      while (before.length < messages.length) before.push(frames.length);
      return messages.length === 3;
    });
    expect(peer.messages.slice(1)).toEqual([{ type: 'finalize' }, { type: 'session.close' }]);
    expect(before.slice(1)).toEqual([1, 2]);
    expect(client.frames).toEqual({ offered: 3, sent: 2, dropped: 1 });
  });

  test('of a Blob that is never read hold up none of the next connection', async () => {
    open();
    const first = await server.nextPeer();
    await credited(first, 1);
    client.sendFrame(new SlowBlob([IMAGE]), 1);
    first.cut();
    const second = await server.nextPeer();
    await credited(second, 1);
    client.sendFrame(IMAGE, 2);
    await second.until(({ frames }) => frames.length === 1);
    expect(second.frames[0]?.ptsMs).toBe(2);
  });

  test('are not kept without a connection, and credit does not outlive one', async () => {
    open();
    client.sendFrame(IMAGE, 0);
    const first = await server.nextPeer();
    await credited(first, 9);
    first.cut();
    const second = await server.nextPeer();
    client.sendFrame(IMAGE, 100);
    await greeted(second, 's1');
    expect(client.wantsFrame).toBe(false);
    client.sendFrame(IMAGE, 200);
    second.send({ type: 'credit', frames: 1 });
    await second.until(({ frames }) => frames.length === 1);
    expect(second.frames[0]?.ptsMs).toBe(200);
    expect(client.frames).toEqual({ offered: 3, sent: 1, dropped: 2 });
  });

  test('that cannot be read give their credit back', async () => {
    open();
    const peer = await server.nextPeer();
    await credited(peer, 1);
    client.sendFrame(new LostBlob([IMAGE]), 1);
    await vi.waitUntil(() => client.wantsFrame, PATIENT);
    client.sendFrame(new LostBlob([IMAGE]), 2);
    client.sendFrame(IMAGE, 3);
    await peer.until(({ frames }) => frames.length === 1);
    expect(peer.frames.map(({ seq, ptsMs }) => [seq, ptsMs])).toEqual([[0, 3]]);
    expect(client.frames).toEqual({ offered: 3, sent: 1, dropped: 2 });
    expect(client.wantsFrame).toBe(false);
  });

  test('of another connection give no credit to this one', async () => {
    open();
    const first = await server.nextPeer();
    await credited(first, 1);
    const slow = new SlowBlob([IMAGE]);
    client.sendFrame(slow, 1);
    first.cut();
    const second = await server.nextPeer();
    await greeted(second, 's1');
    slow.fail();
    await vi.waitUntil(() => client.frames.dropped === 1, PATIENT);
    expect(client.wantsFrame).toBe(false);
  });

  test('may be an ArrayBuffer', async () => {
    open();
    const peer = await server.nextPeer();
    await greeted(peer, 's1');
    peer.send({ type: 'credit', frames: 1 });
    client.sendFrame(Uint8Array.from(IMAGE).buffer, 1);
    await peer.until(({ frames }) => frames.length === 1);
    expect([...(peer.frames[0]?.image ?? [])]).toEqual([...IMAGE]);
  });

  test.each([
    ['a data URL', 'data:image/jpeg;base64,/9j/'],
    ['pixels', new Uint8ClampedArray(4)],
    ['an array', [0xff, 0xd8, 0xff]],
    ['null', null],
    ['no bytes', new Uint8Array()],
  ])('that are %s are refused', (_, image) => {
    open();
    expect(() => client.sendFrame(image as Uint8Array, 0)).toThrow(expect.objectContaining({ code: 'bad_frame' }));
    expect(client.frames.offered).toBe(0);
  });

  test.each([-1, NaN, Infinity, 1e300, Number.MAX_SAFE_INTEGER + 1])('with the time %s are refused', (ptsMs) => {
    open();
    expect(() => client.sendFrame(IMAGE, ptsMs)).toThrow(expect.objectContaining({ code: 'bad_frame' }));
  });
});

describe('captions', () => {
  test('wait for the session, newest revision of each segment, at most captionBuffer segments', async () => {
    open({ captionBuffer: 2 });
    client.sendCaption(caption('a'));
    client.sendCaption(caption('b', 0, 'wor'));
    client.sendCaption(caption('b', 1, 'world'));
    client.sendCaption({ ...caption('c'), startMs: 0.4, endMs: 9.6, isFinal: true });
    const peer = await server.nextPeer();
    await greeted(peer, 's1');
    await peer.until(({ messages }) => messages.length === 3);
    expect(peer.messages.slice(1)).toEqual([
      expect.objectContaining({ segment_id: 'b', revision: 1, text: 'world', is_final: false }),
      expect.objectContaining({ segment_id: 'c', start_ms: 0, end_ms: 10, is_final: true }),
    ]);
    expect(client.captionsDropped).toBe(1);
  });

  test('and so does a finalize, once, after them', async () => {
    open();
    client.sendCaption(caption('a'));
    client.finalize();
    client.finalize();
    const first = await server.nextPeer();
    await greeted(first, 's1');
    await first.until(({ messages }) => messages.length === 3);
    expect(first.messages.slice(1)).toMatchObject([{ segment_id: 'a' }, { type: 'finalize' }]);

    const counted = nextMetrics();
    first.send(metrics(1));
    await counted;
    first.cut();
    const second = await server.nextPeer();
    client.sendCaption(caption('b'));
    client.finalize();
    await greeted(second, 's1');
    client.sendCaption(caption('c'));
    await second.until(({ messages }) => messages.length === 4);
    expect(second.messages.slice(1)).toMatchObject([{ segment_id: 'b' }, { type: 'finalize' }, { segment_id: 'c' }]);
  });

  test('that the server has not counted are sent again, the newest revision of each segment', async () => {
    open();
    const first = await server.nextPeer();
    await greeted(first, 's1');
    for (const segmentId of ['a', 'b', 'c']) client.sendCaption(caption(segmentId, 0, 'hel'));
    client.sendCaption(caption('b', 1));
    await first.until(({ messages }) => messages.length === 5);
    const counted = nextMetrics();
    first.send(metrics(1));
    await counted;
    first.cut();
    const second = await server.nextPeer();
    client.sendCaption(caption('c', 1));
    await greeted(second, 's1');
    client.sendCaption(caption('d'));
    await second.until(({ messages }) => messages.length === 4);
    expect(second.messages.slice(1)).toMatchObject([
      { segment_id: 'c', revision: 1 },
      { segment_id: 'b', revision: 1 },
      { segment_id: 'd', revision: 0 },
    ]);

    const countedAgain = nextMetrics();
    second.send(metrics(4 + 3));
    await countedAgain;
    second.cut();
    const third = await server.nextPeer();
    await greeted(third, 's1');
    client.finalize();
    await third.until(({ messages }) => messages.length === 2);
    expect(third.messages[1]).toEqual({ type: 'finalize' });
  });

  test('go to a new session in the place of a lost one, unless they are older than its window', async () => {
    open();
    const first = await server.nextPeer();
    await greeted(first, 's1');
    client.sendCaption(caption('sent'));
    await first.until(({ messages }) => messages.length === 2);
    first.cut();
    const second = await server.nextPeer();
    client.sendCaption(caption('said'));
    await greeted(second, 's2');
    await second.until(({ messages }) => messages.length === 3);
    expect(second.messages.slice(1)).toMatchObject([{ segment_id: 'sent' }, { segment_id: 'said' }]);

    second.cut();
    const third = await server.nextPeer();
    const since = performance.now();
    await vi.waitUntil(() => performance.now() > since + 2, PATIENT);
    const session = nextSession();
    third.greet('s3', { window_ms: 1 });
    await session;
    client.finalize();
    await third.until(({ messages }) => messages.length === 2);
    expect(third.messages[1]).toEqual({ type: 'finalize' });
    expect(client.captionsDropped).toBe(2);
  });

  test('that still wait when the client closes count as dropped, and so do those that come after that', async () => {
    open();
    client.sendCaption(caption('a'));
    client.sendCaption(caption('b'));
    await client.close();
    expect(client.captionsDropped).toBe(2);
    client.sendCaption(caption('c'));
    expect(client.captionsDropped).toBe(3);
  });

  test('that the server counts at the end are not dropped', async () => {
    open();
    const peer = await server.nextPeer();
    await greeted(peer, 's1');
    client.sendCaption(caption('a'));
    const end = client.close();
    client.sendCaption(caption('b'));
    await peer.until(({ messages }) => messages.length === 3);
    expect(peer.messages.slice(1)).toMatchObject([{ segment_id: 'a' }, { type: 'session.close' }]);
    peer.cut();
    await end;
    expect(client.captionsDropped).toBe(1);
  });

  test.each([
    ['ends before it starts', { startMs: 9, endMs: 3 }, /^endMs: endMs is before startMs$/],
    ['has no segment', { segmentId: '' }, /^segmentId: /],
    ['is too long', { text: 'x'.repeat(5000) }, /^text: /],
    ['has a negative revision', { revision: -1 }, /^revision: /],
    ['has a field too many', { isInterim: true }, /^Unrecognized key: "isInterim"$/],
  ])('one that %s is refused before it is sent, in the names of the client', (_, change, message) => {
    open();
    expect(() => client.sendCaption({ ...caption('a'), ...change })).toThrow(
      expect.objectContaining({ code: 'bad_caption', message: expect.stringMatching(message) }),
    );
  });
});

describe('modalities', () => {
  test('are switched in the wire names, and again after a new connection', async () => {
    open();
    client.setModality('video', { state: 'paused' });
    const first = await server.nextPeer();
    await greeted(first, 's1');
    client.setModality('video', { loss: { rate: 0.5, burstMs: 800 } });
    await first.until(({ messages }) => messages.length === 3);
    expect(first.messages.slice(1)).toMatchObject([
      { type: 'modality.set', modality: 'video', state: 'paused' },
      { modality: 'video', loss: { rate: 0.5, burst_ms: 800, freeze: false } },
    ]);
    first.cut();
    const second = await server.nextPeer();
    await greeted(second, 's2');
    await second.until(({ messages }) => messages.length === 2);
    expect(second.messages[1]).toMatchObject({ modality: 'video', state: 'paused', loss: { rate: 0.5 } });
  });

  test('refuses a loss rate over 1', () => {
    open();
    expect(() => client.setModality('video', { loss: { rate: 2 } })).toThrow(
      expect.objectContaining({ code: 'bad_modality' }),
    );
  });
});

describe('messages', () => {
  test('arrive in order, in camelCase, with data keys untouched', async () => {
    open();
    const results: (Result | Revision)[] = [];
    client.on('result', (result) => results.push(result));
    client.on('revised', (revision) => results.push(revision));
    const peer = await server.nextPeer();
    peer.greet('s1');
    peer.send(sentimentResult(0, { emotions: { very_happy: 1 } }));
    peer.send({ ...sentimentResult(1), type: 'sentiment.revised', supersedes: 0 });
    peer.send(
      sentimentResult(2, {
        modalities: { left_camera: { ...provenance } },
        counterfactuals: { as_is: 1.5, only: { left_camera: null, spoken_words: -1 }, zero_filled: 0.5 },
      }),
    );
    await vi.waitUntil(() => results.length === 3, PATIENT);
    expect(results.map(({ type, seq }) => [type, seq])).toEqual([
      ['sentiment.result', 0],
      ['sentiment.revised', 1],
      ['sentiment.result', 2],
    ]);
    expect(results[0]).toMatchObject({ ptsMs: 0, window: { startMs: 0 }, emotions: { very_happy: 1 } });
    expect(results[0]?.modalities['text']).toMatchObject({ ageMs: 0, isFinal: true });
    expect(Object.keys(results[2]?.modalities ?? {})).toEqual(['left_camera']);
    expect(results[2]?.counterfactuals).toEqual({
      asIs: 1.5,
      only: { left_camera: null, spoken_words: -1 },
      zeroFilled: 0.5,
    });
  });

  test('of other kinds reach their own listeners', async () => {
    open();
    const seen: [string, unknown][] = [];
    for (const name of ['modality', 'reunion', 'metrics', 'warning', 'error'] as const)
      client.on(name, (event) => seen.push([name, event]));
    const peer = await server.nextPeer();
    peer.greet('s1');
    const problem = { code: 'image_corrupt' as const, message: 'no', fatal: false, ref: 7, request_id: 'r' };
    peer.send({ type: 'modality.state', modality: 'video', state: 'virtual', cause: 'network_gap', pts_ms: 10 });
    peer.send({ type: 'modality.reunion', modality: 'video', pts_ms: 20, gap_ms: 10, cosine: 0.5, score_jump: -1 });
    const half = { p50: 1, p95: 2 };
    const dropped = { newest_wins: 3 };
    peer.send({
      type: 'metrics',
      ...NO_TOTALS,
      frames: { ...NO_TOTALS.frames, dropped },
      latency_ms: { encode: half, predict: half, total: half },
      skew_ms: null,
    });
    peer.send({ type: 'warning', ...problem });
    peer.send({ type: 'error', ...problem });
    await vi.waitUntil(() => seen.length === 5, PATIENT);
    expect(seen).toMatchObject([
      ['modality', { cause: 'network_gap', ptsMs: 10 }],
      ['reunion', { gapMs: 10, scoreJump: -1 }],
      ['metrics', { frames: { inFlight: 0, dropped }, latencyMs: { total: half }, skewMs: null }],
      ['warning', { requestId: 'r', ref: 7 }],
      ['error', { code: 'image_corrupt' }],
    ]);
  });

  test.each([
    ['{"type":', 'not_json'],
    ['[1, 2]', 'bad_fields'],
    ['{"type":"weather.report","sun":true}', 'unknown_type'],
    ['{"type":"credit","frames":"two"}', 'bad_fields'],
    ['{}', 'unknown_type'],
  ])('that nobody knows, such as %s, are surfaced and lose nothing else', async (raw, reason) => {
    open();
    const unknown: unknown[] = [];
    const results: Result[] = [];
    client.on('unknown', (message) => unknown.push(message));
    client.on('result', (result) => results.push(result));
    const peer = await server.nextPeer();
    peer.greet('s1');
    peer.sendRaw(raw);
    peer.send(sentimentResult(0));
    await vi.waitUntil(() => results.length === 1, PATIENT);
    expect(unknown).toMatchObject([{ type: 'unknown', reason }]);
    expect(client.connection.state).toBe('open');
  });

  test('of a later version keep their new fields, causes and codes', async () => {
    open();
    const seen: unknown[] = [];
    client.on('result', (result) => seen.push(result));
    client.on('warning', (warning) => seen.push(warning));
    const peer = await server.nextPeer();
    peer.greet('s1');
    const modalities = { video: { ...provenance, source: 'virtual', cause: 'eclipse', moon_phase: 1 } };
    peer.sendRaw(JSON.stringify({ ...sentimentResult(0), modalities, new_field: { inner_key: 1 } }));
    peer.sendRaw(JSON.stringify({ type: 'warning', code: 'too_sunny', message: '', fatal: false, request_id: '' }));
    await vi.waitUntil(() => seen.length === 2, PATIENT);
    expect(seen).toMatchObject([
      { newField: { innerKey: 1 }, modalities: { video: { cause: 'eclipse', moonPhase: 1 } } },
      { code: 'too_sunny' },
    ]);
  });

  test('can be read with for await, which ends with the client', async () => {
    open({ eventBuffer: 2 });
    const peer = await server.nextPeer();
    peer.greet('s1');
    const messages = client.messages();
    for (const seq of [0, 1, 2]) peer.send(sentimentResult(seq));
    peer.send({ type: 'session.closed', code: CLOSE.normal, reason: '', totals: NO_TOTALS });
    peer.close(CLOSE.normal);
    await closed();
    const types: string[] = [];
    for await (const message of messages) types.push(message.type);
    expect(types).toEqual(['sentiment.result', 'session.closed']);
  });

  test('reach results() only when they are results', async () => {
    open();
    const peer = await server.nextPeer();
    const seqs: number[] = [];
    const reading = (async () => {
      for await (const { seq } of client.results()) {
        seqs.push(seq);
        if (seq === 1) break;
      }
    })();
    peer.greet('s1');
    for (const seq of [0, 1, 2]) peer.send(sentimentResult(seq));
    await reading;
    expect(seqs).toEqual([0, 1]);
  });
});

describe.each(['messages', 'results'] as const)('%s()', (name) => {
  test('has everything since its call, though it is read later', async () => {
    open();
    const peer = await server.nextPeer();
    await greeted(peer, 's1');
    const later = client[name]();
    const seen: number[] = [];
    client.on('result', ({ seq }) => seen.push(seq));
    for (const seq of [0, 1]) peer.send(sentimentResult(seq));
    await vi.waitUntil(() => seen.length === 2, PATIENT);
    expect(await later.next()).toMatchObject({ done: false, value: { type: 'sentiment.result', seq: 0 } });
    expect(await later.next()).toMatchObject({ done: false, value: { type: 'sentiment.result', seq: 1 } });
  });

  test('can be ended while it waits', async () => {
    open();
    const reading = client[name]();
    const next = reading.next();
    const end = { done: true, value: undefined };
    expect(await reading.return?.()).toEqual(end);
    expect(await next).toEqual(end);
    expect(await reading.next()).toEqual(end);
  });
});

test('results() keeps eventBuffer results, whatever else comes', async () => {
  open({ eventBuffer: 2 });
  const peer = await server.nextPeer();
  await greeted(peer, 's1');
  const results = client.results();
  const warnings: unknown[] = [];
  client.on('warning', (warning) => warnings.push(warning));
  for (const seq of [0, 1, 2]) peer.send(sentimentResult(seq));
  for (let i = 0; i < 3; i++)
    peer.send({ type: 'warning', code: 'overloaded', message: '', fatal: false, request_id: '' });
  await vi.waitUntil(() => warnings.length === 3, PATIENT);
  expect(await results.next()).toMatchObject({ value: { seq: 1 } });
  expect(await results.next()).toMatchObject({ value: { seq: 2 } });
});

describe('reconnecting', () => {
  test('resumes with the token, and does not repeat a result', async () => {
    open();
    const seqs: number[] = [];
    client.on('result', ({ seq }) => seqs.push(seq));
    const first = await server.nextPeer();
    await greeted(first, 's1');
    first.send(sentimentResult(0));
    first.send(sentimentResult(1));
    await vi.waitUntil(() => seqs.length === 2, PATIENT);
    first.cut();
    const second = await server.nextPeer();
    client.sendCaption(caption('while away'));
    expect(second.messages[0]).toMatchObject({ resume: 'resume-s1', last_seq: 1 });
    expect(await greeted(second, 's1')).toMatchObject({ resumed: true });
    second.send(sentimentResult(1));
    second.send(sentimentResult(2));
    await vi.waitUntil(() => seqs.length === 3, PATIENT);
    expect(seqs).toEqual([0, 1, 2]);
    await second.until(({ messages }) => messages.length === 2);
    expect(second.messages[1]).toMatchObject({ segment_id: 'while away' });
  });

  test('goes on in a new session where the server does not resume', async () => {
    open();
    const seqs: number[] = [];
    client.on('result', ({ seq }) => seqs.push(seq));
    const first = await server.nextPeer();
    await greeted(first, 's1');
    first.send(sentimentResult(5));
    await vi.waitUntil(() => seqs.length === 1, PATIENT);
    first.cut();
    const second = await server.nextPeer();
    expect(await greeted(second, 's2')).toMatchObject({ sessionId: 's2', resumed: false });
    second.send(sentimentResult(0));
    await vi.waitUntil(() => seqs.length === 2, PATIENT);
    expect(seqs).toEqual([5, 0]);
  });

  test.each([
    ['a new session where the clock stood still for longer than a window', 70_000, undefined],
    ['the same one where it was for less', 3000, 'resume-s1'],
  ])('a machine that slept: %s', async (_, sleptMs, resume) => {
    const wallMs = Date.now;
    const clock = vi.spyOn(Date, 'now');
    open();
    const first = await server.nextPeer();
    await greeted(first, 's1');
    clock.mockImplementation(() => wallMs() + sleptMs);
    // What came before it slept is read when it wakes.
    first.send(sentimentResult(0));
    await client.results().next();
    first.cut();
    const second = await server.nextPeer();
    clock.mockRestore();
    expect(second.messages[0]).toMatchObject({ type: 'session.update', protocol: 1 });
    expect((second.messages[0] as { resume?: string }).resume).toBe(resume);
  });

  test('goes on with a session that another client began, from the result that it had', async () => {
    open({ resume: 'resume-s1', lastSeq: 7 });
    const seqs: number[] = [];
    client.on('result', ({ seq }) => seqs.push(seq));
    const peer = await server.nextPeer();
    expect(peer.messages[0]).toMatchObject({ resume: 'resume-s1', last_seq: 7 });
    expect(await greeted(peer, 's1')).toMatchObject({ resumed: true });
    for (const seq of [7, 8]) peer.send(sentimentResult(seq));
    await vi.waitUntil(() => seqs.length > 0, PATIENT);
    expect(seqs).toEqual([8]);
  });

  test('begins anew where that session is gone', async () => {
    open({ resume: 'resume-s1', lastSeq: 7 });
    const seqs: number[] = [];
    client.on('result', ({ seq }) => seqs.push(seq));
    const peer = await server.nextPeer();
    expect(await greeted(peer, 's2')).toMatchObject({ resumed: false });
    peer.send(sentimentResult(0));
    await vi.waitUntil(() => seqs.length > 0, PATIENT);
    expect(seqs).toEqual([0]);
  });

  test('gives a refused token up', async () => {
    open({ resume: 'stale' });
    const first = await server.nextPeer();
    expect(first.messages[0]).toMatchObject({ resume: 'stale' });
    first.send({ type: 'error', code: 'no_such_session', message: 'gone', fatal: true, request_id: '' });
    first.close(CLOSE.internal);
    const second = await server.nextPeer();
    expect(second.messages[0]).toEqual({ type: 'session.update', protocol: 1 });
  });

  test('keeps its token where the hello came too late for the server to see it', async () => {
    open({ resume: 'resume-s1' });
    const first = await server.nextPeer();
    first.send({ type: 'error', code: 'hello_timeout', message: '', fatal: true, request_id: '' });
    first.close(CLOSE.noHello);
    const second = await server.nextPeer();
    expect(second.messages[0]).toMatchObject({ resume: 'resume-s1' });
  });

  test.each([CLOSE.draining, CLOSE.internal, CLOSE.noHello])('happens after close code %i', async (code) => {
    open();
    const states: string[] = [];
    client.on('connection', ({ state }) => states.push(state));
    const peer = await server.nextPeer();
    await greeted(peer, 's1');
    peer.send({ type: 'session.closed', code, reason: 'because', totals: NO_TOTALS });
    peer.close(code, 'because');
    await server.nextPeer();
    expect(states).toEqual(['open', 'reconnecting']);
    expect(client.connection.last).toEqual({ code, reason: 'because' });
  });

  test.each([CLOSE.normal, CLOSE.unauthorised, CLOSE.quota, CLOSE.badMessage, CLOSE.tooManySessions, CLOSE.superseded])(
    'does not happen after close code %i',
    async (code) => {
      open();
      const states: string[] = [];
      client.on('connection', ({ state }) => states.push(state));
      const peer = await server.nextPeer();
      await greeted(peer, 's1');
      const end = closed();
      peer.send({ type: 'session.closed', code, reason: 'because', totals: { ...NO_TOTALS, results: 3 } });
      peer.close(code, 'because');
      expect(await end).toMatchObject({ code, reason: 'because', totals: { results: 3, mediaMs: 0 } });
      expect(states).toEqual(['open', 'closed']);
      expect(server.connections).toBe(1);
    },
  );

  test.each<[string, Partial<ConnectOptions>, string]>([
    ['one that sends keepalives stood still, and comes back', {}, 'reconnecting'],
    ['one that sends none stays closed', { keepaliveMs: 0 }, 'closed'],
    ['one that sends them too seldom stays closed', { keepaliveMs: 90_000 }, 'closed'],
  ])('of clients that the server closed for their silence, %s', async (_, options, next) => {
    open(options);
    const peer = await server.nextPeer();
    await greeted(peer, 's1');
    const states: string[] = [];
    client.on('connection', ({ state }) => states.push(state));
    peer.send({ type: 'session.closed', code: CLOSE.idle, reason: 'idle', totals: NO_TOTALS });
    peer.close(CLOSE.idle, 'idle');
    await vi.waitUntil(() => states.length > 0, PATIENT);
    expect(states[0]).toBe(next);
  });

  test('leaves a server without capacity alone for 5 s', async () => {
    open();
    const waits: (number | null)[] = [];
    client.on('connection', ({ retryInMs }) => waits.push(retryInMs));
    const peer = await server.nextPeer();
    peer.close(CLOSE.overloaded, 'overloaded');
    await vi.waitUntil(() => waits.length > 0, PATIENT);
    expect(waits[0]).toBeGreaterThanOrEqual(5000);
    expect(client.connection.retryInMs).toBe(waits[0]);
    expect(client.connection.last?.code).toBe(CLOSE.overloaded);
  });

  test('waits for no next try while one is under way', async () => {
    open({ reconnect: { baseMs: 1, maxMs: 2 } });
    const first = await server.nextPeer();
    first.cut();
    await server.nextPeer();
    expect(client.connection).toMatchObject({ state: 'reconnecting', attempt: 1, retryInMs: null });
  });

  test('waits longer each time and gives up after the attempts', async () => {
    const waits: (number | null)[] = [];
    const url = server.url;
    await server.close();
    client = connect({ url, WebSocket, reconnect: { baseMs: 2, maxMs: 6, attempts: 4, random: () => 1 } });
    client.on('connection', ({ retryInMs }) => waits.push(retryInMs));
    expect(await closed()).toMatchObject({ code: 1006, reason: 'unreachable', totals: null });
    expect(waits).toEqual([2, 4, 6, 6, null]);
    server = await startProtocolServer();
  });

  test('waits longer each time for a server that ends every session soon after it opened it', async () => {
    const waits: (number | null)[] = [];
    client = connect({ url: server.url, WebSocket, reconnect: { baseMs: 2, maxMs: 600_000, random: () => 1 } });
    client.on('connection', ({ state, retryInMs }) => {
      if (state === 'reconnecting') waits.push(retryInMs);
    });
    for (let round = 0; round < 4; round++) {
      const peer = await server.nextPeer();
      await greeted(peer, `s${round}`);
      peer.close(CLOSE.internal, 'internal');
    }
    await vi.waitUntil(() => waits.length === 4, PATIENT);
    expect(waits).toEqual([2, 4, 8, 16]);
  });

  describe('before a connection has ever opened', () => {
    const errors: string[] = [];
    const refusing = async (status: number, options: Partial<ConnectOptions> = {}) => {
      let tries = 0;
      const http = createServer().listen(0, '127.0.0.1');
      http.on('upgrade', (_request, socket) => {
        tries++;
        socket.on('error', () => undefined);
        socket.end(`HTTP/1.1 ${status} No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      });
      await once(http, 'listening');
      open({ url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/v1/straem?key=secret`, ...options });
      errors.length = 0;
      client.on('error', ({ code, message, fatal }) => errors.push(`${code} ${fatal} ${message}`));
      const end = await closed();
      http.close();
      return { end, tries };
    };

    test.each([301, 401, 403, 404, 426])('status %i is the end at once', async (status) => {
      const { end, tries } = await refusing(status);
      expect(end).toEqual({ code: 1006, reason: 'connection_refused', totals: null });
      expect(tries).toBe(1);
      expect(errors).toHaveLength(1);
      expect(errors[0]).toMatch(
        new RegExp(`^connection_refused true ws://.*/v1/straem opens no WebSocket.* ${status};`),
      );
      expect(client.connection.state).toBe('closed');
    });

    test('so it is over socket.io', async () => {
      const { end, tries } = await refusing(404, { transport: 'socket.io' });
      expect([end.reason, tries]).toEqual(['connection_refused', 1]);
    });

    test.each([400, 429, 502, 503])('status %i is tried again, firstAttempts times', async (status) => {
      const { end, tries } = await refusing(status, { reconnect: { baseMs: 1, maxMs: 4, firstAttempts: 3 } });
      expect(end).toEqual({ code: 1006, reason: 'unreachable', totals: null });
      expect(tries).toBe(4);
      expect(errors[0]).toMatch(/^unreachable true .* in 4 tries/);
    });

    test('a platform that tells no status tries 10 times again', async () => {
      class Mute extends WebSocket {
        override addEventListener(type: string, listener: never): void {
          if (type !== 'error') super.addEventListener(type as 'open', listener);
          else super.addEventListener('error', () => undefined);
        }
      }
      const { end, tries } = await refusing(404, { WebSocket: Mute });
      expect([end.reason, tries]).toEqual(['unreachable', 11]);
    });
  });

  test.each([
    ['https://shop.example', /UNDERTONE_ORIGINS names https:\/\/shop\.example$/],
    [undefined, /that the server runs$/],
  ])('on a page of %s what nobody answers names the origin that the server may refuse', async (origin, told) => {
    const { url } = server;
    const own = new URL(url.replace(/^ws/, 'http'));
    vi.stubGlobal('location', new URL(origin ?? own.origin));
    await server.close();
    client = connect({ url, WebSocket, reconnect: { baseMs: 1, maxMs: 2, firstAttempts: 1 } });
    const messages: string[] = [];
    client.on('error', ({ message }) => messages.push(message));
    await closed();
    vi.unstubAllGlobals();
    expect(messages).toEqual([expect.stringMatching(told)]);
    server = await startProtocolServer();
  });

  test('follows a server that was there, whatever a proxy answers meanwhile', async () => {
    open({ reconnect: { baseMs: 1, maxMs: 2 } });
    const peer = await server.nextPeer();
    await greeted(peer, 's1');
    let tries = 0;
    client.on('connection', ({ state }) => (tries += Number(state === 'reconnecting')));
    const port = Number(new URL(server.url).port);
    peer.cut();
    await server.close();
    const proxy = createServer().listen(port, '127.0.0.1');
    proxy.on('upgrade', (_request, socket) => {
      // The client cuts what opens no WebSocket.
      socket.on('error', () => undefined);
      socket.end('HTTP/1.1 404 No\r\nConnection: close\r\n\r\n');
    });
    await vi.waitUntil(() => tries > 20, PATIENT);
    expect(client.connection.state).not.toBe('closed');
    proxy.close();
    server = await startProtocolServer();
  });

  test('does not happen when it is off', async () => {
    open({ reconnect: false });
    const peer = await server.nextPeer();
    await greeted(peer, 's1');
    peer.cut();
    expect(await closed()).toMatchObject({ code: 1006 });
  });

  test('follows a server that went silent after it sent metrics', async () => {
    open({ staleMs: 20 });
    const peer = await server.nextPeer();
    await greeted(peer, 's1');
    peer.send(metrics(0));
    const second = await server.nextPeer();
    expect(second.messages[0]).toMatchObject({ resume: 'resume-s1' });
    await peer.until((gone) => gone.closed);
  });

  test('follows a server that never answers the hello', async () => {
    open({ handshakeMs: 200 });
    const first = await server.nextPeer();
    const second = await server.nextPeer();
    await first.until((gone) => gone.closed);
    expect(second.messages[0]).toEqual(first.messages[0]);
  });
});

describe('closing', () => {
  test('says goodbye, waits for the totals, and is the same for every call', async () => {
    open();
    const peer = await server.nextPeer();
    await greeted(peer, 's1');
    const all = [client.close(), client.close()];
    await peer.until(({ messages }) => messages.length === 2);
    expect(peer.messages[1]).toEqual({ type: 'session.close' });
    peer.send(sentimentResult(0));
    peer.send({ type: 'session.closed', code: CLOSE.normal, reason: 'bye', totals: { ...NO_TOTALS, results: 1 } });
    peer.close(CLOSE.normal);
    for (const end of await Promise.all(all)) expect(end).toMatchObject({ code: 1000, totals: { results: 1 } });
    expect(client.connection.state).toBe('closed');
    client.sendFrame(IMAGE, 0);
    client.sendCaption(caption('late'));
    expect(server.connections).toBe(1);
  });

  test('does not wait for a server that does not answer', async () => {
    open({ closeMs: 5 });
    const peer = await server.nextPeer();
    await greeted(peer, 's1');
    expect(await client.close()).toMatchObject({ code: 1000, totals: null });
    await peer.until((gone) => gone.closed);
  });

  test('tells no totals of a session before the last one', async () => {
    open({ closeMs: 5 });
    const first = await server.nextPeer();
    await greeted(first, 's1');
    first.send({ type: 'session.closed', code: CLOSE.draining, reason: 'draining', totals: NO_TOTALS });
    first.close(CLOSE.draining);
    await greeted(await server.nextPeer(), 's2');
    expect(await client.close()).toMatchObject({ code: 1000, totals: null });
  });

  test('while it waits to come back to a server that was stopped', async () => {
    open({ reconnect: { baseMs: 60_000, maxMs: 60_000 } });
    const peer = await server.nextPeer();
    await greeted(peer, 's1');
    peer.send({ type: 'session.closed', code: CLOSE.draining, reason: 'draining', totals: NO_TOTALS });
    peer.close(CLOSE.draining, 'draining');
    await vi.waitUntil(() => client.connection.state === 'reconnecting', PATIENT);
    expect(await client.close()).toMatchObject({ code: 1000, reason: '' });
  });

  test('is the last event, whatever a server says that was given up', async () => {
    open({ closeMs: 0 });
    const peer = await server.nextPeer();
    await greeted(peer, 's1');
    const after: string[] = [];
    const end = client.close();
    for (const name of ['result', 'connection', 'metrics', 'session'] as const) client.on(name, () => after.push(name));
    await end;
    after.length = 0;
    for (let seq = 0; seq < 8; seq++) peer.send(sentimentResult(seq));
    peer.send(metrics(0));
    await peer.until((gone) => gone.closed);
    expect(after).toEqual([]);
  });

  test('over socket.io leaves nothing that keeps Node running, where the server never answered', async () => {
    await import('socket.io-client');
    const silent = createSilentServer();
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    client = connect({
      url: `ws://127.0.0.1:${port}/v1/live`,
      transport: 'socket.io',
      handshakeMs: 200,
      reconnect: { baseMs: 1, maxMs: 2, attempts: 3 },
    });
    expect(await closed()).toMatchObject({ reason: 'unreachable' });
    // Those of an earlier test may end meanwhile.
    expect(timers()).toBeLessThanOrEqual(before);
    silent.close();
  });

  test('before the session is there ends at once', async () => {
    open();
    expect(await client.close()).toMatchObject({ code: 1000 });
  });

  test('before the session is there is the end, though the session still comes', async () => {
    open({ keepaliveMs: 1 });
    const peer = await server.nextPeer();
    const sessions: Session[] = [];
    client.on('session', (session) => sessions.push(session));
    await client.close();
    peer.greet('s1');
    await peer.until((gone) => gone.closed);
    expect(sessions).toEqual([]);
    expect(client.session).toBeUndefined();
  });

  test('happens at the end of a block with await using', async () => {
    const peer = server.nextPeer();
    const states: string[] = [];
    await (async () => {
      await using used = open();
      used.on('connection', ({ state }) => states.push(state));
      (await peer).greet('s1');
      await nextSession();
      void (await peer)
        .until(({ messages }) => messages.some(({ type }) => type === 'session.close'))
        .then(async () => (await peer).close(CLOSE.normal));
    })();
    expect(states).toEqual(['open', 'closing', 'closed']);
  });

  test('happens when the signal aborts', async () => {
    const stop = new AbortController();
    open({ signal: stop.signal });
    const peer = await server.nextPeer();
    await greeted(peer, 's1');
    stop.abort();
    await peer.until(({ messages }) => messages.length === 2);
    expect(peer.messages[1]).toEqual({ type: 'session.close' });
  });
});

test('keepalives are sent on their own', async () => {
  open({ keepaliveMs: 2 });
  const peer = await server.nextPeer();
  await greeted(peer, 's1');
  await peer.until(({ messages }) => messages.length >= 3);
  expect(peer.messages.slice(1, 3)).toEqual([{ type: 'keepalive' }, { type: 'keepalive' }]);
});

test('keepalives are sent where timers stand still and messages come, as in a hidden tab', async () => {
  vi.spyOn(globalThis, 'setInterval').mockReturnValue(undefined as never);
  open({ keepaliveMs: 1 });
  const peer = await server.nextPeer();
  await greeted(peer, 's1');
  for (let told = 0; told < 2; told++) {
    const since = performance.now();
    await vi.waitUntil(() => performance.now() > since + 2, PATIENT);
    peer.send(metrics(0));
    await peer.until(({ messages }) => messages.length >= 2 + told);
  }
  vi.restoreAllMocks();
  expect(peer.messages.slice(1, 3)).toEqual([{ type: 'keepalive' }, { type: 'keepalive' }]);
});

function metrics(captions: number): ServerMessage {
  const none = { p50: 0, p95: 0 };
  const latency_ms = { encode: none, predict: none, total: none };
  return { type: 'metrics', ...NO_TOTALS, captions, latency_ms, skew_ms: null };
}

const provenance = { source: 'observed' as const, cause: null, coverage: 1, age_ms: 0, fidelity: null };
