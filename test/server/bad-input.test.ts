import { afterEach, describe, expect, test } from 'vitest';
import { encodeFrame } from '../../pipeline/protocol/index.ts';
import { TRANSPORTS } from './support/test-client.ts';
import { pngHeader } from './support/test-image.ts';
import { startTestServer, stopTestServers } from './support/test-server.ts';
import type { TestClient } from './support/test-client.ts';

afterEach(stopTestServers);

const caption = { type: 'caption', segment_id: 's9', revision: 0, text: 'hi', is_final: true, start_ms: 0, end_ms: 9 };
const frame = (image: Uint8Array): Uint8Array => encodeFrame({ seq: 7, ptsMs: 0, image });
const header = (byte: number, value: number): Uint8Array => {
  const message = frame(pngHeader(8, 8));
  message[byte] = value;
  return message;
};

/** What a client does wrong in an open session, the code that it gets, and what the error is about. */
const BAD: readonly [name: string, send: (client: TestClient) => void, code: string, ref?: string | number][] = [
  ['an unknown type', (c) => c.send({ type: 'session.destroy' }), 'unknown_type'],
  ['a wrong field', (c) => c.send({ ...caption, is_final: 'yes' }), 'bad_message', 's9'],
  ['an unknown field', (c) => c.send({ ...caption, mood: 'good' }), 'bad_message', 's9'],
  ['a caption that ends before it starts', (c) => c.send({ ...caption, start_ms: 10 }), 'bad_message', 's9'],
  ['a caption without a segment', (c) => c.send({ ...caption, segment_id: 7 }), 'bad_message'],
  ['a message above 64 KiB', (c) => c.send({ ...caption, text: 'x'.repeat(70_000) }), 'message_too_big'],
  ['another protocol', (c) => c.send({ type: 'session.update', protocol: 2 }), 'unsupported_protocol'],
  ['another bundle', (c) => c.send({ type: 'session.update', protocol: 1, bundle: 'other' }), 'unknown_bundle'],
  ['an unknown modality', (c) => c.send({ type: 'modality.set', modality: 'smell' }), 'unknown_modality', 'smell'],
  ['a frame without image', (c) => c.sendBinary(new Uint8Array(16)), 'frame_header'],
  ['a frame version', (c) => c.sendBinary(header(0, 2)), 'frame_header'],
  ['a frame kind', (c) => c.sendBinary(header(1, 9)), 'frame_header'],
  ['a frame time that is no number', (c) => c.sendBinary(header(15, 0xff)), 'frame_header'],
  ['a GIF', (c) => c.sendBinary(frame(Buffer.from('GIF89a, and so on'))), 'image_format', 7],
  ['a cut-off PNG', (c) => c.sendBinary(frame(pngHeader(8, 8).subarray(0, 20))), 'image_corrupt', 7],
  ['an image too wide', (c) => c.sendBinary(frame(pngHeader(4097, 8))), 'image_too_large', 7],
  ['an image too high', (c) => c.sendBinary(frame(pngHeader(8, 4097))), 'image_too_large', 7],
  ['an image too large both ways', (c) => c.sendBinary(frame(pngHeader(2161, 2161))), 'image_too_large', 7],
  ['a PNG that takes long to decode', (c) => c.sendBinary(frame(pngHeader(1921, 1080))), 'image_too_large', 7],
];

describe.each(TRANSPORTS)('bad input over %s', (kind) => {
  test.each(BAD)('%s is answered with a code, and the session goes on', async (_name, send, code, ref) => {
    const server = await startTestServer();
    const client = await server.open(kind);
    send(client);
    const error = await client.next('error');
    expect(error).toMatchObject({ code, fatal: false, ...(ref === undefined ? {} : { ref }) });
    expect(error.message).toMatch(/^[^\n]{5,}$/);
    expect(error.request_id).not.toBe('');

    client.frame(1, 0);
    client.caption('s1', 'what a lovely day', 0, 400);
    await client.next('sentiment.result', (result) => result.score !== null);
    client.send({ type: 'session.close' });
    const { code: closeCode, totals } = await client.next('session.closed');
    expect(closeCode).toBe(1000);
    expect(totals.errors).toBe(1);
    const { received, encoded, in_flight: inFlight, dropped } = totals.frames;
    expect(encoded).toBe(1);
    expect(received).toBe(encoded + inFlight + Object.values(dropped).reduce((sum, n) => sum + n, 0));
  });

  test('what comes before session.update is refused, and session.update still opens', async () => {
    const server = await startTestServer();
    const client = await server.connect(kind);
    for (const [i, send] of [
      () => client.send(caption),
      () => client.frame(0, 0),
      () => client.send({ type: 'keepalive' }),
      () => client.send({ type: 'session.close' }),
    ].entries()) {
      send();
      await client.next('error', () => client.of('error').length === i + 1);
    }
    expect(client.of('error').map((error) => error.code)).toEqual(Array(4).fill('not_configured'));
    client.send({ type: 'session.update', protocol: 1 });
    await client.next('session.created');
    expect(server.counts().sessions).toBe(1);
  });

  test('options change until the first media, then they are locked', async () => {
    const server = await startTestServer();
    const client = await server.open(kind, { hop_ms: 200 });
    expect(client.of('session.created')[0]?.hop_ms).toBe(200);
    client.send({ type: 'session.update', protocol: 1, hop_ms: 300, bundle: 'fake@1.0.0' });
    expect(await client.next('session.updated')).toMatchObject({ hop_ms: 300 });
    client.frame(0, 0);
    client.send({ type: 'session.update', protocol: 1, hop_ms: 400 });
    expect(await client.next('error')).toMatchObject({ code: 'locked', fatal: false });
    client.frame(1, 700);
    await client.next('sentiment.result', (result) => result.pts_ms >= 600);
    expect(client.of('sentiment.result').map((result) => result.pts_ms % 300)).not.toContain(100);
  });

  test('switches that came before the options changed stay as they are', async () => {
    const server = await startTestServer();
    const client = await server.open(kind);
    client.send({ type: 'modality.set', modality: 'video', state: 'paused' });
    client.send({ type: 'modality.set', modality: 'video', loss: { rate: 1 } });
    client.send({ type: 'modality.set', modality: 'video', loss: null });
    client.send({ type: 'session.update', protocol: 1, hop_ms: 200 });
    await client.next('session.updated');
    client.frame(0, 0);
    client.caption('s1', 'what a lovely day', 0, 400);
    await client.next('sentiment.result', ({ modalities }) => modalities['video']?.cause === 'client_paused');
    client.send({ type: 'session.close' });
    const { totals } = await client.next('session.closed');
    expect(totals.errors).toBe(0);
    expect(totals.frames).toMatchObject({ received: 1, encoded: 0, dropped: { paused: 1 } });
  });

  test('too many bad messages end the session with 4101', async () => {
    const server = await startTestServer({ maxBadMessages: 5 });
    const client = await server.open(kind);
    for (let i = 0; i < 8; i++) client.send({ type: 'nonsense' });
    const closed = await client.next('session.closed');
    expect(closed.code).toBe(4101);
    expect(client.of('error').filter((error) => error.fatal)).toHaveLength(1);
    expect(await client.closed).toBe(4101);
    expect(server.counts().sessions).toBe(0);
  });
});

describe('bad input that only ws can carry', () => {
  test.each([
    ['{"type":', 'bad_json'],
    ['nonsense', 'bad_json'],
    ['[]', 'bad_message'],
    ['null', 'bad_message'],
    ['7', 'bad_message'],
    ['{"type":7}', 'bad_message'],
    ['{}', 'bad_message'],
  ])('%s is %s', async (text, code) => {
    const server = await startTestServer();
    const client = await server.open('ws');
    client.sendText(text);
    expect(await client.next('error')).toMatchObject({ code, fatal: false });
    client.send({ type: 'session.close' });
    expect((await client.next('session.closed')).code).toBe(1000);
  });

  test('a message above 1 MiB closes with 1009', async () => {
    const server = await startTestServer();
    const client = await server.open('ws');
    client.sendBinary(new Uint8Array(1024 * 1024 + 1));
    expect(await client.closed).toBe(1009);
  });
});

describe('bad input that only socket.io can carry', () => {
  test.each([
    ['an event with text', 'caption', 'text', 'bad_message'],
    ['a frame event without bytes', 'frame', { seq: 1 }, 'bad_message'],
    ['a type that is not the event', 'caption', { type: 'keepalive' }, 'bad_message'],
    ['an event called error', 'error', { type: 'error' }, 'unknown_type'],
    ['binary where JSON belongs', 'caption', Buffer.from('x'), 'bad_message'],
    ['binary within JSON', 'caption', { text: Buffer.alloc(100_000) }, 'bad_message'],
    ['JSON nested a thousand deep', 'caption', JSON.parse(`${'{"a":['.repeat(500)}${']}'.repeat(500)}`), 'bad_message'],
  ])('%s', async (_name, event, payload, code) => {
    const server = await startTestServer();
    const client = await server.open('socket.io');
    client.socket?.emit(event, payload);
    expect(await client.next('error')).toMatchObject({ code });
  });

  test('a nesting that overflows the stack ends nothing', async () => {
    const server = await startTestServer();
    const client = await server.open('socket.io');
    // As text, since the client's own packer would overflow first.
    client.socket?.io.engine.write(`2/v1/live,["caption",{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}]`);
    expect(await client.next('error')).toMatchObject({ code: 'bad_message' });
    client.frame(0, 0);
    await client.next('sentiment.result');
  });

  test('joining again and again before the first join is done ends the connection', async () => {
    const server = await startTestServer({ helloMs: 60_000 });
    const polling = `${server.url}/socket.io/?EIO=4&transport=polling`;
    const { sid } = JSON.parse((await (await fetch(polling)).text()).slice(1)) as { sid: string };
    const body = Array<string>(100).fill('40/v1/live,').join('\u001E');
    await fetch(`${polling}&sid=${sid}`, { method: 'POST', body });
    await expect.poll(() => server.counts()).toEqual({ sessions: 0, connections: 0, observers: 0 });
  });

  test('leaving the namespace ends the connection below it', async () => {
    const server = await startTestServer();
    const client = await server.open('socket.io');
    client.socket?.io.engine.write('1/v1/live,');
    await expect.poll(() => server.counts()).toEqual({ sessions: 0, connections: 0, observers: 0 });
  });

  test('another namespace is refused', async () => {
    const server = await startTestServer();
    const { io } = await import('socket.io-client');
    const socket = io(server.url, { transports: ['websocket'], reconnection: false, forceNew: true });
    const error = await new Promise<Error>((resolve) => socket.on('connect_error', resolve));
    expect(error.message).toContain('/v1/live');
    socket.close();
  });
});
