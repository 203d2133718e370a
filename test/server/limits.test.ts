import { once } from 'node:events';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { encodeFrame } from '../../pipeline/protocol/index.ts';
import { createLogger } from '../../server/log.ts';
import { LiveSession } from '../../server/sessions/live-session.ts';
import { settle } from '../support/virtual-clock.ts';
import { TRANSPORTS } from './support/test-client.ts';
import { pngHeader } from './support/test-image.ts';
import { startTestServer, stopTestServers, stopTime } from './support/test-server.ts';

afterEach(stopTestServers);

describe.each(TRANSPORTS)('limits over %s', (kind) => {
  test('no hello in time: 4000', async () => {
    const server = await startTestServer({ helloMs: 300 });
    const client = await server.connect(kind);
    expect(await client.next('error')).toMatchObject({ code: 'hello_timeout', fatal: true });
    expect(await client.closed).toBe(4000);
  });

  test('a wrong hello does not count', async () => {
    stopTime();
    const server = await startTestServer({ helloMs: 500 });
    const client = await server.connect(kind);
    client.send({ type: 'session.update', protocol: 1, bundle: 'other' });
    expect(await client.next('error')).toMatchObject({ code: 'unknown_bundle', fatal: false });
    vi.advanceTimersByTime(500);
    await client.closed;
    expect(client.of('error').map((error) => error.code)).toEqual(['unknown_bundle', 'hello_timeout']);
  });

  test('pings that may stay unanswered for longer than a timer can wait cut nobody off', async () => {
    const server = await startTestServer({ pingMs: 20, pingMisses: 2 ** 31 });
    const client = await server.open(kind);
    client.frame(0, 0);
    const first = await client.next('sentiment.result');
    expect(await client.next('sentiment.result', ({ seq }) => seq >= first.seq + 3)).toBeDefined();
  });

  test('idle: 4031, and keepalive holds it off', async () => {
    stopTime();
    const heard = vi.spyOn(LiveSession.prototype, 'push');
    onTestFinished(() => heard.mockRestore());
    const server = await startTestServer({ idleMs: 1000 });
    const client = await server.open(kind);
    for (let times = 1; times <= 3; times++) {
      vi.advanceTimersByTime(999);
      client.send({ type: 'keepalive' });
      while (heard.mock.calls.length < times && server.counts().sessions === 1) await settle();
    }
    expect([heard.mock.calls.length, client.count('error')]).toEqual([3, 0]);
    vi.advanceTimersByTime(1000);
    expect(await client.next('error')).toMatchObject({ code: 'idle', fatal: true });
    expect((await client.next('session.closed')).code).toBe(4031);
    expect(await client.closed).toBe(4031);
    expect(server.counts().sessions).toBe(0);
  });

  test('frames over quota are dropped with one warning a second, and counted', async () => {
    const server = await startTestServer({ maxFramesPerS: 5 });
    const client = await server.open(kind);
    for (let i = 0; i < 20; i++) client.frame(i, i * 40);
    expect(await client.next('warning')).toMatchObject({ code: 'quota_frames', fatal: false });
    client.send({ type: 'session.close' });
    const { totals } = await client.next('session.closed');
    expect(totals.frames.received).toBe(20);
    expect(totals.frames.dropped['quota_frames']).toBeGreaterThan(0);
    const dropped = Object.values(totals.frames.dropped).reduce((sum, n) => sum + n, 0);
    expect(totals.frames.encoded + dropped).toBe(20);
    expect(client.count('warning')).toBeLessThan(totals.frames.dropped['quota_frames'] ?? 0);
  });

  test('bytes over quota are dropped', async () => {
    const server = await startTestServer({ maxBytesPerS: 1024, maxMessageBytes: 200_000 });
    const client = await server.open(kind);
    const big = encodeFrame({ seq: 0, ptsMs: 0, image: pngHeader(64, 64, 'x'.repeat(120_000)) });
    client.sendBinary(big);
    client.sendBinary(big);
    expect(await client.next('warning')).toMatchObject({ code: 'quota_bytes', fatal: false });
  });

  test('far more than the quota: 4008', async () => {
    const server = await startTestServer({ maxFramesPerS: 5, maxQuotaDrops: 10 });
    const client = await server.open(kind);
    for (let i = 0; i < 60; i++) client.frame(i, i * 40);
    const closed = await client.next('session.closed');
    expect(closed).toMatchObject({ code: 4008, reason: 'quota_frames' });
    expect(await client.closed).toBe(4008);
  });

  test('far more bytes than the quota: 4008, and it says bytes', async () => {
    const server = await startTestServer({ maxBytesPerS: 1024, maxMessageBytes: 200_000, maxQuotaDrops: 5 });
    const client = await server.open(kind);
    const big = encodeFrame({ seq: 0, ptsMs: 0, image: pngHeader(64, 64, 'x'.repeat(120_000)) });
    for (let i = 0; i < 12; i++) client.sendBinary(big);
    expect(await client.next('error')).toMatchObject({ code: 'quota_bytes', fatal: true });
    expect(await client.next('session.closed')).toMatchObject({ code: 4008, reason: 'quota_bytes' });
  });

  test('messages over quota are refused with an error', async () => {
    const server = await startTestServer({ maxMessagesPerS: 5 });
    const client = await server.open(kind);
    for (let i = 0; i < 30; i++) client.caption(`s${i}`, 'hello', 0, 100);
    expect(await client.next('error')).toMatchObject({ code: 'quota_messages', fatal: false });
    const { captions } = await client.next('metrics');
    expect(captions).toBeGreaterThan(0);
    expect(captions).toBeLessThan(30);
  });

  test('a peer that stops answering pings is cut off', async () => {
    const server = await startTestServer({ pingMs: 200, pingMisses: 2, resumeMs: 0 });
    const client = await server.open(kind);
    if (client.ws) client.ws.pong = () => undefined;
    else silence(client.socket?.io.engine);
    if (client.ws) silenceAutoPong(client.ws);
    await expect.poll(() => server.counts(), { timeout: 10_000 }).toMatchObject({ sessions: 0, connections: 0 });
  });
});

const ENGINE = '/socket.io/?EIO=4&transport=websocket';

/** The log of a server, as what it says. */
function listening() {
  const lines: string[] = [];
  const logger = createLogger('warn', { write: (line) => void lines.push(line) });
  return { logger, said: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

test.each([
  ['pings', '/v1/stream', (ws: WebSocket) => ws.ping()],
  ['answers to pings', '/v1/stream', (ws: WebSocket) => ws.pong()],
  ['pings', ENGINE, (ws: WebSocket) => ws.ping()],
  ["answers to socket.io's pings", ENGINE, (ws: WebSocket) => ws.send('3')],
  ['joins of a namespace that is none', ENGINE, (ws: WebSocket) => ws.send('40/none,')],
])('far more %s at %s than messages may be: cut', async (_name, path, send) => {
  const { logger, said } = listening();
  const server = await startTestServer({ maxMessagesPerS: 5, helloMs: 600_000, logger });
  const ws = new WebSocket(`${server.url.replace('http', 'ws')}${path}`);
  await once(ws, 'open');
  const closed = once(ws, 'close');
  for (let i = 0; i < 30; i++) send(ws);
  expect((await closed)[0]).toBe(1006);
  await expect.poll(() => server.counts().connections).toBe(0);
  const transport = path === ENGINE ? 'socket.io' : 'ws';
  expect(said()).toMatchObject([{ transport, msg: expect.stringContaining('connection cut') }]);
});

test.each([
  ['pings', (ws: WebSocket) => ws.ping()],
  ['probes', (ws: WebSocket) => ws.send('2probe')],
])('far more %s on a WebSocket to which a client that polls never goes over: cut', async (_name, send) => {
  const { logger, said } = listening();
  const server = await startTestServer({ maxMessagesPerS: 5, helloMs: 600_000, logger });
  const opened = await (await fetch(`${server.url}${ENGINE.replace('websocket', 'polling')}`)).text();
  const { sid } = JSON.parse(opened.slice(1)) as { sid: string };
  const ws = new WebSocket(`${server.url.replace('http', 'ws')}${ENGINE}&sid=${sid}`);
  await once(ws, 'open');
  const closed = once(ws, 'close');
  for (let i = 0; i < 30; i++) send(ws);
  expect((await closed)[0]).toBe(1006);
  await expect.poll(() => server.counts().connections).toBe(0);
  expect(said()).toMatchObject([{ transport: 'socket.io' }]);
});

/** Stops an engine.io client from writing anything more. */
function silence(engine: { transport: { send(packets: unknown[]): void } } | undefined): void {
  if (engine) engine.transport.send = () => undefined;
}

/** Stops a ws client from reading, and so from answering pings. */
function silenceAutoPong(socket: { pause(): void }): void {
  socket.pause();
}
