import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { createLogger } from '../../server/log.ts';
import { TRANSPORTS } from './support/test-client.ts';
import { startTestServer, stopTestServers } from './support/test-server.ts';
import type { IncomingMessage } from 'node:http';
import type { TestClient } from './support/test-client.ts';
import type { TestServer } from './support/test-server.ts';

afterEach(stopTestServers);

/** ws says the status; socket.io says only that its upgrade failed. */
const REFUSED = /429|websocket error/;

const ORIGINS: readonly [origin: string | undefined, allowed: boolean][] = [
  [undefined, true],
  ['http://127.0.0.1:PORT', true],
  ['https://127.0.0.1:PORT', true],
  ['https://app.example', true],
  ['https://app.example:8443', false],
  ['http://app.example', false],
  ['https://evil.example', false],
  ['http://127.0.0.1:1', false],
  ['http://127.0.0.1:PORT.evil.example', false],
  ['null', false],
  ['', false],
  ['nonsense', false],
];

describe.each(TRANSPORTS)('who may connect over %s', (kind) => {
  test.each(ORIGINS)('origin %s: %s', async (origin, allowed) => {
    const server = await startTestServer({ origins: ['https://app.example'] });
    const headers = origin === undefined ? {} : { Origin: origin.replace('PORT', String(server.port)) };
    const opened = await server.open(kind, {}, { headers }).then(
      () => true,
      () => false,
    );
    expect(opened).toBe(allowed);
    expect(server.counts().sessions).toBe(allowed ? 1 : 0);
  });

  test.each([
    ['https://app.example', 'app.example:443', true],
    ['http://app.example', 'App.example:80', true],
    ['https://app.example', 'app.example:80', false],
    ['https://app.example', 'app.example:443.evil.example', false],
    ['https://app.example:8443', 'app.example:8443', true],
    ['https://app.example:8443', 'app.example:8443:443', false],
  ])('origin %s where a proxy passes on the host as %s: %s', async (origin, host, allowed) => {
    const server = await startTestServer();
    const opened = await server.open(kind, {}, { headers: { Origin: origin, Host: host } }).then(
      () => true,
      () => false,
    );
    expect(opened).toBe(allowed);
  });

  test('so many connections per address', async () => {
    const server = await startTestServer({ maxConnectionsPerAddress: 2 });
    const first = await server.open(kind);
    await server.open(kind);
    await expect(server.open(kind)).rejects.toThrow(REFUSED);
    first.leave();
    await first.closed;
    await expect.poll(() => server.counts().connections).toBe(1);
    await server.open(kind);
    // The one that stayed is still counted.
    await expect(server.open(kind)).rejects.toThrow(REFUSED);
  });

  test('the address is the one that trusted proxies saw', async () => {
    const server = await startTestServer({ maxConnectionsPerAddress: 1, trustProxyHops: 1 });
    const from = (address: string) => server.open(kind, {}, { headers: { 'X-Forwarded-For': address } });
    await from('10.9.9.9, 192.0.2.1');
    await expect(from('10.8.8.8, 192.0.2.1')).rejects.toThrow(REFUSED);
    await from('192.0.2.2');
    await expect(from('192.0.2.2:50001')).rejects.toThrow(REFUSED);
    await from('[2001:db8::1]:50001');
    await expect(from('[2001:db8::1]:50002')).rejects.toThrow(REFUSED);
    await expect(from('2001:DB8:0:0:ffff:abcd::2')).rejects.toThrow(REFUSED);
    await from('2001:db8:0:1::1');
    await from('::ffff:192.0.2.3');
    await expect(from('192.0.2.3')).rejects.toThrow(REFUSED);
    await from('no-address');
    await expect(from('127.0.0.1')).rejects.toThrow(REFUSED);
  });

  test.each([
    ['no token', {}, {}, 4001],
    ['a wrong token', { token: 'guess' }, {}, 4001],
    ['the token in session.update', { token: 'secret' }, {}, undefined],
    ['the token in the header', {}, { headers: { Authorization: 'Bearer secret' } }, undefined],
  ])('with a server token, %s', async (_name, update, options, code) => {
    const server = await startTestServer({ token: 'secret' });
    const client = await server.connect(kind, options);
    client.send({ type: 'session.update', protocol: 1, ...update });
    const ended = await Promise.race([client.closed, client.next('session.created').then(() => undefined)]);
    expect(ended).toBe(code);
    expect(client.of('error').map((error) => error.code)).toEqual(code === undefined ? [] : ['unauthorised']);
    expect(server.counts().sessions).toBe(code === undefined ? 1 : 0);
  });

  test('so many sessions', async () => {
    const server = await startTestServer({ maxSessions: 1 });
    await server.open(kind);
    const second = await server.connect(kind);
    second.send({ type: 'session.update', protocol: 1 });
    expect(await second.next('error')).toMatchObject({ code: 'too_many_sessions', fatal: true });
    expect(await second.closed).toBe(4102);
    expect(server.counts().sessions).toBe(1);
  });

  test('a session that waits for its client makes room for a new one', async () => {
    const server = await startTestServer({ maxSessions: 1 });
    const first = await server.open(kind);
    first.drop();
    await first.closed;
    await server.open(kind);
    expect(server.counts().sessions).toBe(1);
  });

  /** Drops the connection, and waits until the server has so many sessions without one. */
  async function drop(server: TestServer, client: TestClient, detached: number): Promise<void> {
    client.drop();
    await expect
      .poll(async () => (await fetch(`${server.url}/readyz`)).json())
      .toMatchObject({ sessions: { detached } });
  }
  const helloAgain = (client: TestClient): Record<string, unknown> => ({
    resume: client.of('session.created')[0]?.resume_token,
  });
  const idOf = (client: TestClient): string | undefined => client.of('session.created')[0]?.session_id;

  test('of those that wait, the one that has waited longest makes room', async () => {
    const server = await startTestServer({ maxSessions: 2 });
    const [older, newer] = [await server.open(kind), await server.open(kind)];
    await drop(server, newer, 1);
    await drop(server, older, 2);
    await server.open(kind);
    expect(idOf(await server.open(kind, helloAgain(older)))).toBe(idOf(older));
    const late = await server.connect(kind);
    late.send({ type: 'session.update', protocol: 1, ...helloAgain(newer) });
    expect(await late.next('error')).toMatchObject({ code: 'too_many_sessions' });
  });

  test('a session waits for its client, however many others of its address are connected', async () => {
    const server = await startTestServer({ maxConnectionsPerAddress: 2 });
    await server.open(kind);
    const dropped = await server.open(kind);
    await drop(server, dropped, 1);
    const newer = await server.open(kind);
    await drop(server, newer, 2);
    expect(idOf(await server.open(kind, helloAgain(dropped)))).toBe(idOf(dropped));
  });

  test('sessions that an address leaves behind take no more places than its connections', async () => {
    const server = await startTestServer({ maxConnectionsPerAddress: 2, maxSessions: 4, trustProxyHops: 1 });
    const from = (address: string) => ({ headers: { 'X-Forwarded-For': address } });
    const other = await server.open(kind, {}, from('192.0.2.2'));
    await drop(server, other, 1);
    let newest = other;
    for (let i = 0; i < 10; i++) {
      newest = await server.open(kind, {}, from('192.0.2.1'));
      await drop(server, newest, Math.min(i + 2, 3));
    }
    expect(server.counts().sessions).toBe(3);
    expect(idOf(await server.open(kind, helloAgain(other), from('192.0.2.2')))).toBe(idOf(other));
    expect(idOf(await server.open(kind, helloAgain(newest), from('192.0.2.1')))).toBe(idOf(newest));
  });

  test('nobody new while overloaded; open sessions go on', async () => {
    let overloaded = false;
    const server = await startTestServer({ overloaded: () => overloaded });
    const client = await server.open(kind);
    overloaded = true;
    const second = await server.connect(kind);
    second.send({ type: 'session.update', protocol: 1, resume: 'gone' });
    const message = expect.stringMatching(/again in \d+ s/) as unknown;
    expect(await second.next('error')).toMatchObject({ code: 'overloaded', fatal: true, message });
    expect(await second.closed).toBe(1013);
    // Which would say that a new session was opened.
    expect(second.count('warning')).toBe(0);
    client.frame(0, 0);
    await client.next('sentiment.result');
    const ready = await fetch(`${server.url}/readyz`);
    expect([ready.status, ready.headers.get('retry-after')]).toEqual([503, '5']);
  });
});

test('socket.io takes its token from auth too, and polls under the same rules', async () => {
  const server = await startTestServer({ token: 'secret', origins: ['https://app.example'] });
  await server.open('socket.io', {}, { auth: { token: 'secret' } });
  const polling = { transports: ['polling'], auth: { token: 'secret' } };
  const client = await server.open('socket.io', {}, polling);
  client.frame(0, 0);
  await client.next('sentiment.result');
  const upgraded = await server.open('socket.io', {}, { transports: ['polling', 'websocket'], auth: polling.auth });
  await expect.poll(() => upgraded.socket?.io.engine.transport.name).toBe('websocket');
  const poll = (origin: string) =>
    fetch(`${server.url}/socket.io/?EIO=4&transport=polling`, { headers: { Origin: origin } });
  expect((await poll('https://evil.example')).status).toBe(403);
  const allowed = await poll('https://app.example');
  expect(allowed.status).toBe(200);
  expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example');
});

test('a new connection that names an empty one counts, too', async () => {
  const server = await startTestServer({ maxConnectionsPerAddress: 2 });
  const statuses: number[] = [];
  for (let i = 0; i < 4; i++)
    statuses.push((await fetch(`${server.url}/socket.io/?EIO=4&transport=polling&sid=`)).status);
  expect(statuses).toEqual([200, 200, 403, 403]);
  expect(server.counts().connections).toBe(2);
});

test('requests for connections that come in one piece count, too', async () => {
  const server = await startTestServer({ maxConnectionsPerAddress: 2 });
  const socket = connect(server.port, '127.0.0.1');
  let answers = '';
  socket.on('data', (bytes: Buffer) => (answers += bytes.toString('utf8')));
  socket.write('GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(10));
  const statuses = (): number[] => [...answers.matchAll(/HTTP\/1.1 (\d+)/g)].map(([, status]) => Number(status));
  await expect.poll(statuses, { timeout: 10_000 }).toHaveLength(10);
  expect(statuses().toSorted((a, b) => a - b)).toEqual([200, 200, ...Array<number>(8).fill(403)]);
  expect(server.counts().connections).toBe(2);
  const metric = await server.metrics.registry.getSingleMetricAsString('undertone_connections_refused_total');
  expect(metric).toContain('{reason="address_limit"} 8');
  socket.destroy();
});

test('a request that cannot become a connection counts no longer than it takes', async () => {
  const server = await startTestServer({ maxConnectionsPerAddress: 1 });
  // A version that is not served, and a WebSocket without its key.
  const bad = await fetch(`${server.url}/socket.io/?EIO=3&transport=polling`);
  const socket = connect(server.port, '127.0.0.1');
  socket.write(
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect([bad.status, answer.toString('utf8')]).toEqual([400, expect.stringContaining('HTTP/1.1 400')]);
  expect(server.counts().connections).toBe(0);
  await server.open('socket.io');
  socket.destroy();
});

test('a refusal is counted, and logged with the network of the client alone', async () => {
  const lines: string[] = [];
  const logger = createLogger('info', { write: (line) => void lines.push(line) });
  const server = await startTestServer({ logger });
  const headers = { Origin: 'https://evil.example' };
  await expect(server.open('ws', {}, { headers })).rejects.toThrow('403');
  await expect(server.open('socket.io', {}, { headers })).rejects.toThrow('websocket error');
  const refused = lines.filter((line) => line.includes('connection refused'));
  expect(refused).toHaveLength(2);
  expect(refused.join('')).toContain('"network":"127.0.0.0/24"');
  expect(refused.join('')).not.toContain('127.0.0.1');
  const metric = await server.metrics.registry.getSingleMetricAsString('undertone_connections_refused_total');
  expect(metric).toContain('{reason="origin"} 2');
});

test('a connection beyond those of the whole server is counted', async () => {
  const server = await startTestServer({ maxConnections: 1 });
  const first = await server.open('ws');
  await expect(server.open('ws')).rejects.toThrow(/hang up|ECONNRESET|socket/);
  const metric = await server.metrics.registry.getSingleMetricAsString('undertone_connections_refused_total');
  expect(metric).toContain('{reason="connection_limit"} 1');
  first.leave();
  await first.closed;
});

test.each([
  ['anywhere else', '/v2/stream', {}, 404, /"code":"not_found".*\/v1\/stream/],
  ['of a foreign page', '/v1/stream', { Origin: 'https://evil.example' }, 403, /UNDERTONE_ORIGINS/],
])('an upgrade %s is refused, with what to do', async (_, path, headers, status, body) => {
  const server = await startTestServer();
  const { WebSocket } = await import('ws');
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}${path}`, { headers });
  socket.on('error', () => undefined);
  const response = await new Promise<IncomingMessage>((resolve) =>
    socket.on('unexpected-response', (_request, refused) => resolve(refused)),
  );
  expect(response.statusCode).toBe(status);
  expect(await text(response)).toMatch(body);
});

test('what socket.io answers is for no script of another page', async () => {
  const server = await startTestServer();
  const polling = `${server.url}/socket.io/?EIO=4&transport=polling`;
  const script = await fetch(`${polling}&j=0`);
  expect([script.status, await script.text()]).toEqual([403, expect.not.stringContaining('sid')]);
  const { status, headers } = await fetch(polling);
  expect(status).toBe(200);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
});

test('a request that offers another protocol is answered as if it did not', async () => {
  const server = await startTestServer();
  const headers = { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c', 'HTTP2-Settings': 'AAMAAABkAAQAAP__' };
  const [response] = (await once(get(`${server.url}/healthz`, { headers }), 'response')) as [IncomingMessage];
  const body = await text(response);
  expect([response.statusCode, response.headers.connection, body]).toEqual([200, 'close', '{"status":"ok"}']);
});

test('the connection of such a request ends, though the client does not end its half', async () => {
  const server = await startTestServer();
  const socket = connect({ port: Number(new URL(server.url).port), allowHalfOpen: true });
  socket.resume();
  socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
  await once(socket, 'end');
  await expect(server.close()).resolves.toBeUndefined();
  socket.destroy();
});

describe('a long answer to such a request', () => {
  /** More than the system takes for a connection whose client does not read. */
  const LONG = 'x'.repeat(16 * 1024 * 1024);

  function startWithLongPage(): Promise<TestServer> {
    const webDir = mkdtempSync(join(tmpdir(), 'undertone-page-'));
    onTestFinished(() => rmSync(webDir, { recursive: true }));
    writeFileSync(join(webDir, 'index.html'), LONG);
    return startTestServer({ webDir });
  }

  test('is whole', async () => {
    const server = await startWithLongPage();
    const [response] = (await once(
      get(server.url, { headers: { Connection: 'Upgrade', Upgrade: 'h2c' } }),
      'response',
    )) as [IncomingMessage];
    expect((await text(response)).length).toBe(LONG.length);
  });

  test('that nobody reads does not keep the server from stopping', async () => {
    const server = await startWithLongPage();
    const socket = connect(server.port);
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
    await once(socket, 'readable');
    await expect(server.close()).resolves.toBeUndefined();
    socket.destroy();
  });
});
