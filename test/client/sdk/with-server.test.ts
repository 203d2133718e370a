import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { connect } from '../../../client/sdk/index.ts';
import { FRAME_HEADER_BYTES } from '../../../pipeline/protocol/index.ts';
import { startServer } from '../../../server/start-server.ts';
import { fakeImage, fakeModel } from '../../support/fake-model.ts';
import type { ConnectOptions, Result, UndertoneClient } from '../../../client/sdk/index.ts';
import type { RunningServer } from '../../../server/start-server.ts';

// The fake model asks nothing of an image but its bytes; the server wants to see a JPEG's.
const JPEG = Uint8Array.of(0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0, 64, 0, 64, 1, 1, 0x11, 0, 0xff, 0xd9);
/** The same with zeros after its end. */
const jpegOf = (bytes: number): Uint8Array<ArrayBuffer> => {
  const image = new Uint8Array(bytes);
  image.set(JPEG);
  return image;
};
const HOP_MS = 50;
/** Only a hang fails a test, not a busy machine. */
const PATIENT = { timeout: 15_000, interval: 20 };

let server: RunningServer;
let client: UndertoneClient;
let sockets: WebSocket[] = [];

class WatchedSocket extends WebSocket {
  constructor(url: string) {
    super(url);
    sockets.push(this);
  }
}

beforeAll(async () => {
  server = await startServer({ model: fakeModel({ windowMs: 800 }), port: 0, logLevel: 'silent', drainMs: 200 });
});
afterEach(async () => {
  await client.close();
  sockets = [];
});
afterAll(() => server.close());

function open(options: Partial<ConnectOptions> = {}): UndertoneClient {
  const path = options.transport === 'socket.io' ? '/v1/live' : '/v1/stream';
  const url = server.url.replace('http', 'ws') + path;
  client = connect({
    url,
    hopMs: HOP_MS,
    WebSocket: WatchedSocket,
    reconnect: { baseMs: 1 },
    closeMs: PATIENT.timeout,
    ...options,
  });
  return client;
}

/** Sends a frame whenever the server wants one, until it is stopped. */
function streamFrames(): () => void {
  const startedAt = performance.now();
  const timer = setInterval(() => {
    if (client.wantsFrame) client.sendFrame(JPEG, performance.now() - startedAt);
  }, 10);
  return () => clearInterval(timer);
}

describe.each(['ws', 'socket.io'] as const)('over %s', (transport) => {
  test('frames and captions come back as results, and the totals add up', async () => {
    open({ transport });
    const results: Result[] = [];
    client.on('result', (result) => results.push(result));
    const stop = streamFrames();
    client.sendCaption({ segmentId: 'a', revision: 0, text: 'hello', isFinal: true, startMs: 0, endMs: 1 });
    await vi.waitUntil(() => results.some(({ modalities }) => modalities['text']?.source === 'observed'), PATIENT);
    await vi.waitUntil(() => results.length > 5, PATIENT);
    stop();
    const { totals } = await client.close();
    expect(results.map(({ seq }) => seq)).toEqual(results.map((_, index) => index));
    expect(results.at(-1)).toMatchObject({
      score: expect.any(Number),
      modalities: { video: { cause: expect.anything() } },
    });
    const { received, encoded, inFlight, dropped } = totals?.frames ?? { received: -1, dropped: {} };
    expect(received).toBe(client.frames.sent);
    expect((encoded ?? 0) + (inFlight ?? 0) + Object.values(dropped).reduce((sum, n) => sum + n, 0)).toBe(received);
    expect(totals).toMatchObject({ captions: 1, results: results.length });
  });

  test('a paused modality is said to be, and comes back with a reunion', async () => {
    open({ transport });
    const changes: string[] = [];
    const reunions: string[] = [];
    client.on('modality', ({ modality, state, cause }) => changes.push(`${modality} ${state} ${cause ?? ''}`.trim()));
    client.on('reunion', ({ modality }) => reunions.push(modality));
    const stop = streamFrames();
    await vi.waitUntil(() => changes.includes('video observed'), PATIENT);
    client.setModality('video', { state: 'paused' });
    client.sendCaption({ segmentId: 'a', revision: 0, text: 'hello', isFinal: true, startMs: 0, endMs: 9000 });
    await vi.waitUntil(() => changes.includes('video virtual client_paused'), PATIENT);
    client.setModality('video', { state: 'active' });
    await vi.waitUntil(() => changes.at(-1) === 'video observed' && reunions.length > 0, PATIENT);
    stop();
    expect(reunions).toEqual(['video']);
  });

  test('a frame over the limit of a message is refused, and costs neither credit nor the connection', async () => {
    const maxMessageBytes = 100_000;
    const small = await startServer({ model: fakeModel(), port: 0, logLevel: 'silent', maxMessageBytes });
    const path = transport === 'ws' ? '/v1/stream' : '/v1/live';
    open({ url: small.url.replace('http', 'ws') + path, transport });
    const states: string[] = [];
    const results: Result[] = [];
    client.on('connection', ({ state }) => states.push(state));
    client.on('result', (result) => results.push(result));
    await vi.waitUntil(() => client.wantsFrame, PATIENT);
    const largest = maxMessageBytes - FRAME_HEADER_BYTES;
    for (const image of [jpegOf(largest + 1), new Blob([jpegOf(largest + 1)])])
      expect(() => client.sendFrame(image, 0)).toThrow(
        expect.objectContaining({ code: 'bad_frame', message: expect.stringContaining(String(largest)) }),
      );
    expect(client.wantsFrame).toBe(true);
    client.sendFrame(jpegOf(largest), 0);
    await vi.waitUntil(() => results.some(({ modalities }) => modalities['video']?.source !== 'absent'), PATIENT);
    expect(states).toEqual(['open']);
    expect(client.frames).toEqual({ offered: 1, sent: 1, dropped: 0 });
    await client.close();
    await small.close();
  });

  test('a bad token is refused for good, in words', async () => {
    const guarded = await startServer({ model: fakeModel(), port: 0, logLevel: 'silent', token: 'open sesame' });
    const path = transport === 'ws' ? '/v1/stream' : '/v1/live';
    client = connect({ url: guarded.url.replace('http', 'ws') + path, transport, token: 'open barley', WebSocket });
    const errors: unknown[] = [];
    client.on('error', (error) => errors.push(error));
    const closed = await new Promise((resolve) => client.on('closed', resolve));
    expect(errors).toMatchObject([{ code: 'unauthorised', fatal: true }]);
    expect(closed).toMatchObject({ code: 4001 });
    await guarded.close();
  });
});

test.each(['ws', 'socket.io'] as const)('a connection that never opens tells why over %s', async (transport) => {
  open({ url: `${server.url.replace('http', 'ws')}/v1/nowhere`, transport });
  const told: string[] = [];
  client.on('error', ({ message }) => told.push(message));
  await vi.waitFor(() => expect(client.connection.state).toBe('closed'), PATIENT);
  expect(client.connection.last).toEqual({ code: 1006, reason: 'connection_refused' });
  expect(told).toEqual([expect.stringContaining('404')]);
});

test('a cut connection resumes: the same session, no result lost or repeated', async () => {
  open();
  const seqs: number[] = [];
  const sessions: boolean[] = [];
  client.on('result', ({ seq }) => seqs.push(seq));
  client.on('session', ({ resumed }) => sessions.push(resumed));
  const stop = streamFrames();
  await vi.waitUntil(() => seqs.length > 5, PATIENT);
  sockets[0]?.terminate();
  await vi.waitUntil(() => sessions.length === 2, PATIENT);
  const cutAt = seqs.length;
  await vi.waitUntil(() => seqs.length > cutAt + 5, PATIENT);
  stop();
  expect(sessions).toEqual([false, true]);
  expect(seqs).toEqual(seqs.map((_, index) => index));
});

test('a server that drains is found again', async () => {
  const { port } = server;
  open({ reconnect: { baseMs: 5, maxMs: 20 } });
  const states: string[] = [];
  client.on('connection', ({ state }) => states.push(state));
  await vi.waitUntil(() => states.includes('open'), PATIENT);
  await server.close();
  await vi.waitUntil(() => states.includes('reconnecting'), PATIENT);
  server = await startServer({ model: fakeModel(), port, logLevel: 'silent', drainMs: 200 });
  await vi.waitUntil(() => states.at(-1) === 'open', PATIENT);
  expect(client.session?.resumed).toBe(false);
});

test('a frame that is no image is told of and loses nothing else', async () => {
  open();
  const warnings: string[] = [];
  const results: Result[] = [];
  client.on('warning', ({ code }) => warnings.push(code));
  client.on('error', ({ code }) => warnings.push(code));
  client.on('result', (result) => results.push(result));
  await vi.waitUntil(() => client.wantsFrame, PATIENT);
  client.sendFrame(fakeImage('not a picture').bytes, 0);
  const stop = streamFrames();
  await vi.waitUntil(() => warnings.length > 0 && results.length > 2, PATIENT);
  stop();
  expect(warnings[0]).toBe('image_format');
});
