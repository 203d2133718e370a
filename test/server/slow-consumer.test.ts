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
    terminate: () => undefined,
  };
  let overflows = 0;
  const outbox = new Outbox(transport, LIMITS, () => overflows++);
  return { outbox, sent, transport, overflows: () => overflows };
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
    const { outbox, sent, transport } = makeOutbox();
    transport.buffered = 1001;
    for (const message of [resultOf(0), state(1), resultOf(2), state(3), resultOf(4)]) outbox.send(message);
    expect(sent).toEqual([]);
    expect(outbox.coalesced).toBe(2);
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

  test('hands over what waits when it is closed', () => {
    const { outbox, sent, transport } = makeOutbox();
    transport.buffered = 1001;
    outbox.send(state(1));
    outbox.close();
    outbox.send(state(2));
    expect(sent).toEqual([state(1)]);
  });
});

/** So many emotions make a result of about 60 KB, so that a few seconds of media fill what the kernel buffers. */
const EMOTIONS = Array.from({ length: 1000 }, (_, i) => `an emotion with a name of some length, number ${i}`);

async function startBig(options: Partial<ServerOptions>) {
  const server = await startTestServer(options, { emotions: EMOTIONS, windowMs: 1000, hopMs: 50 });
  const client = await server.open('ws');
  client.frame(0, 0);
  await client.next('sentiment.result');
  const startMs = performance.now();
  let frames = 1;
  /** Moves media time 2 s further ahead of the wall clock: 40 results. @returns that media time. */
  const jump = async (): Promise<number> => {
    const { predict } = server.model.calls;
    const ptsMs = Math.round(performance.now() - startMs) + frames * 2000;
    client.frame(frames++, ptsMs);
    await expect.poll(() => server.model.calls.predict, { interval: 5, timeout: 10_000 }).toBeGreaterThan(predict);
    return ptsMs;
  };
  return { server, client, jump };
}

/** Stops a socket.io client from reading. */
function pauseReading({ socket }: TestClient): void {
  const engine = socket?.io.engine as { transport: { ws?: { pause(): void } } } | undefined;
  engine?.transport.ws?.pause();
}

describe('slow readers', { timeout: 60_000 }, () => {
  test('a client that reads late misses results but not the newest, and keeps its session', async () => {
    const { client, jump } = await startBig({ coalesceBytes: 100_000, closeBytes: 64 * 1024 * 1024 });
    client.ws?.pause();
    let ptsMs = 0;
    for (let i = 0; i < 6; i++) ptsMs = await jump();
    client.ws?.resume();
    await client.next('sentiment.result', (result) => result.pts_ms >= ptsMs);
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

  test('an observer that does not read is cut off, and the session does not notice', async () => {
    const { server, client, jump } = await startBig({ coalesceBytes: 4_000_000, closeBytes: 4_000_000 });
    const { session_id: sessionId, observe_token: token } = client.of('session.created')[0] ?? {};
    const observer = await server.connect('socket.io');
    await observer.socket?.emitWithAck('observe', { session_id: sessionId, token });
    pauseReading(observer);
    while (server.counts().observers > 0) await jump();
    expect(server.counts()).toMatchObject({ sessions: 1, connections: 1 });
    client.send({ type: 'session.close' });
    await client.next('session.closed');
    const seqs = client.of('sentiment.result').map((result) => result.seq);
    expect(seqs).toEqual(seqs.map((_, i) => i));
  });
});
