import { afterEach, describe, expect, test } from 'vitest';
import { Outbox } from '../../server/sessions/outbox.ts';
import { startTestServer, stopTestServers } from './support/test-server.ts';
import type { ServerMessage } from '../../pipeline/protocol/index.ts';
import type { TestClient } from './support/test-client.ts';
import type { ServerOptions } from '../../server/start-server.ts';

afterEach(stopTestServers);

const LIMITS = { coalesceBytes: 1000, closeBytes: 4000 };

function makeOutbox() {
  const sent: ServerMessage[] = [];
  const transport = {
    kind: 'ws' as const,
    buffered: 0,
    send: (message: ServerMessage) => void sent.push(message),
    bufferedBytes: () => transport.buffered,
    close: () => undefined,
  };
  let overflows = 0;
  let coalesced = 0;
  const outbox = new Outbox(transport, LIMITS, {
    overflow: () => void overflows++,
    sent: () => undefined,
    coalesced: () => void coalesced++,
  });
  return { outbox, sent, transport, overflows: () => overflows, coalesced: () => coalesced };
}

const resultOf = (seq: number) => ({ type: 'sentiment.result', seq }) as ServerMessage;
const state = (ms: number) => ({ type: 'modality.state', pts_ms: ms }) as ServerMessage;

describe('outbox', () => {
  test('sends at once, and in order, while little is buffered', () => {
    const { outbox, sent } = makeOutbox();
    const messages = [resultOf(0), state(1), resultOf(2)];
    for (const message of messages) outbox.send(message);
    expect(sent).toEqual(messages);
  });

  test('keeps the newest result and every other message while much is buffered', async () => {
    const { outbox, sent, transport, coalesced } = makeOutbox();
    transport.buffered = 1001;
    for (const message of [resultOf(0), state(1), resultOf(2), state(3), resultOf(4)]) outbox.send(message);
    expect(sent).toEqual([]);
    expect(coalesced()).toBe(2);
    transport.buffered = 0;
    await expect.poll(() => sent).toEqual([state(1), state(3), resultOf(4)]);
    outbox.send(resultOf(5));
    expect(sent.at(-1)).toEqual(resultOf(5));
  });

  test('gives up above the second bound, once', () => {
    const { outbox, sent, transport, overflows } = makeOutbox();
    transport.buffered = 3990;
    outbox.send(state(1));
    outbox.send(state(2));
    expect(overflows()).toBe(1);
    transport.buffered = 0;
    outbox.send(state(3));
    expect(sent).toEqual([]);
  });

  test('counts towards the second bound what waits now, not what has left', async () => {
    const { outbox, sent, transport, overflows } = makeOutbox();
    const long = { ...state(1), modality: 'x'.repeat(1500) } as ServerMessage;
    for (let times = 1; times <= 3; times++) {
      transport.buffered = 1001;
      outbox.send(long);
      transport.buffered = 0;
      await expect.poll(() => sent).toHaveLength(times);
    }
    expect(overflows()).toBe(0);
  });

  test('of what a resume sends again nothing is left out, and it is no reason to give up', async () => {
    const { outbox, sent, transport, overflows, coalesced } = makeOutbox();
    const long = { ...resultOf(2), label: 'x'.repeat(LIMITS.closeBytes) } as ServerMessage;
    outbox.sendAgain(resultOf(0));
    transport.buffered = 1001;
    const again = [resultOf(1), long, resultOf(3)];
    for (const message of again) outbox.sendAgain(message);
    outbox.send(resultOf(4));
    outbox.send(resultOf(5));
    expect([overflows(), coalesced()]).toEqual([0, 1]);
    transport.buffered = 0;
    await expect.poll(() => sent).toEqual([resultOf(0), ...again, resultOf(5)]);
  });

  test('of what waits, drops what a resume sends again when told to, and that alone', () => {
    const { outbox, sent, transport } = makeOutbox();
    outbox.sendAgain(resultOf(0));
    transport.buffered = 1001;
    for (const seq of [1, 2]) outbox.sendAgain(resultOf(seq));
    outbox.send(state(1));
    expect(outbox.dropAgain()).toBe(2);
    outbox.close();
    expect(sent).toEqual([resultOf(0), state(1)]);
  });

  test('drops that also where it gave up or was stopped, after which nothing leaves', () => {
    for (const end of ['overflow', 'stop']) {
      const { outbox, sent, transport } = makeOutbox();
      transport.buffered = 1001;
      for (const seq of [1, 2]) outbox.sendAgain(resultOf(seq));
      if (end === 'overflow') transport.buffered = 3990;
      outbox.send(state(1));
      if (end === 'stop') outbox.stop();
      transport.buffered = 0;
      outbox.send(state(2));
      outbox.close();
      expect([end, outbox.dropAgain()]).toEqual([end, 2]);
      expect(sent).toEqual([]);
    }
  });

  test('hands over what waits when it is closed', () => {
    const { outbox, sent, transport } = makeOutbox();
    transport.buffered = 1001;
    outbox.send(state(1));
    outbox.close();
    outbox.send(state(2));
    expect(sent).toEqual([state(1)]);
  });
});

/** Milliseconds between predictions. */
const HOP = 500;

/** Emotions whose names make a result of about 120 KB, so that a minute of media fills what the kernel buffers. */
const EMOTIONS = Array.from({ length: 50 }, (_, i) => `emotion ${i} ${'with a long name '.repeat(140)}`);

/** Generous: these tests move some 20 MB through one process, which shares its core with whatever else runs. */
const WAIT = { interval: 5, timeout: 60_000 };

async function startBig(options: Partial<ServerOptions>) {
  // Every window must reach back to a frame: where nothing is observed, nothing is predicted.
  const server = await startTestServer(options, { emotions: EMOTIONS, windowMs: 30_000, hopMs: HOP });
  const client = await server.open('ws');
  client.frame(0, 0);
  let frames = 1;
  /**
   * Sends a frame 8 s ahead of the newest prediction, so never too far ahead of media time, and waits until windows on
   * the way to it are predicted, or the connection is cut: 16 results of 2 MB together. @returns that media time.
   */
  const jump = async (): Promise<number> => {
    const { predict } = server.model.calls;
    const ptsMs = (predict + 16) * HOP;
    client.frame(frames++, ptsMs);
    const isDone = (): boolean => server.model.calls.predict >= predict + 8 || server.counts().connections === 0;
    await expect.poll(isDone, WAIT).toBe(true);
    return ptsMs;
  };
  await jump();
  return { server, client, jump };
}

/** Stops a socket.io client from reading. */
const pauseReading = (client: TestClient): void => webSocketOf(client)?.pause();
const resumeReading = (client: TestClient): void => webSocketOf(client)?.resume();

function webSocketOf({ socket }: TestClient): { pause(): void; resume(): void } | undefined {
  const engine = socket?.io.engine as { transport: { ws?: { pause(): void; resume(): void } } } | undefined;
  return engine?.transport.ws;
}

describe('slow readers', { timeout: 120_000 }, () => {
  test('a client that reads late misses results but not the newest, which the metrics tell, and keeps its session', async () => {
    const { server, client, jump } = await startBig({ coalesceBytes: 100_000, closeBytes: 64 * 1024 * 1024 });
    client.ws?.pause();
    let ptsMs = 0;
    for (let i = 0; i < 8; i++) ptsMs = await jump();
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toMatch(/^undertone_coalesced_total [1-9]/m);
    client.ws?.resume();
    await client.next('sentiment.result', (result) => result.pts_ms >= ptsMs, WAIT.timeout);
    const seqs = client.of('sentiment.result').map((result) => result.seq);
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
    expect(seqs.length).toBeLessThan((seqs.at(-1) ?? 0) + 1);
  });

  test('a client that does not read at all loses its connection, not its session', async () => {
    const { server, client, jump } = await startBig({ coalesceBytes: 50_000, closeBytes: 60_000 });
    const { resume_token: resume, session_id: id } = client.of('session.created')[0] ?? {};
    client.ws?.pause();
    while (server.counts().connections > 0) await jump();
    expect(server.counts().sessions).toBe(1);
    const again = await server.open('ws', { resume });
    expect(again.of('session.created')[0]?.session_id).toBe(id);
  });

  test('an observer that reads late misses results, nothing else, and is not cut off', async () => {
    const { server, client, jump } = await startBig({ coalesceBytes: 100_000, closeBytes: 64 * 1024 * 1024 });
    const { session_id: sessionId, observe_token: token } = client.of('session.created')[0] ?? {};
    const observer = await server.connect('socket.io');
    await observer.socket?.emitWithAck('observe', { session_id: sessionId, token });
    pauseReading(observer);
    for (let i = 0; i < 4; i++) await jump();
    client.send({ type: 'nonsense' });
    for (let i = 0; i < 4; i++) await jump();
    resumeReading(observer);
    await observer.next('error', () => true, WAIT.timeout);
    // Sent in order, so everything that was held for it has come.
    const read = observer.count('sentiment.result');
    while (observer.count('sentiment.result') === read) await jump();
    const seqs = observer.of('sentiment.result').map((result) => result.seq);
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
    expect(seqs.length).toBeLessThan((seqs.at(-1) ?? 0) - (seqs[0] ?? 0) + 1);
    expect(server.counts().observers).toBe(1);
  });

  test('an observer that does not read is cut off, and the session does not notice', async () => {
    const { server, client, jump } = await startBig({ coalesceBytes: 4_000_000, closeBytes: 4_000_000 });
    const { session_id: sessionId, observe_token: token } = client.of('session.created')[0] ?? {};
    const observer = await server.connect('socket.io');
    await observer.socket?.emitWithAck('observe', { session_id: sessionId, token });
    pauseReading(observer);
    while (server.counts().observers > 0) {
      const ptsMs = await jump();
      // The client shares the bounds: it must not have more than one jump to read.
      await client.next('sentiment.result', (result) => result.pts_ms >= ptsMs, WAIT.timeout);
    }
    expect(server.counts()).toMatchObject({ sessions: 1, connections: 1 });
    client.send({ type: 'session.close' });
    await client.next('session.closed', () => true, WAIT.timeout);
    const seqs = client.of('sentiment.result').map((result) => result.seq);
    expect(seqs).toEqual(seqs.map((_, i) => i));
  });
});
