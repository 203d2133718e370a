import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { startTestServer, stopTestServers } from './support/test-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'undertone-http-'));
const webDir = join(folder, 'web');
const bundleDir = join(folder, 'bundle');
mkdirSync(join(webDir, 'assets'), { recursive: true });
mkdirSync(bundleDir);
writeFileSync(join(webDir, 'index.html'), '<!doctype html><title>the page</title>');
writeFileSync(join(webDir, '.secret'), 'hidden');
writeFileSync(join(webDir, 'assets', 'app-1a2b.js'), 'export {};');
const LARGE = 'export const words = 1;\n'.repeat(200);
writeFileSync(join(webDir, 'assets', 'large-3c4d.js'), LARGE);
writeFileSync(join(bundleDir, 'manifest.json'), '{"name":"fake"}');
writeFileSync(join(bundleDir, 'MODEL_CARD.md'), '# Fake');
writeFileSync(join(folder, 'outside.txt'), 'outside');
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(stopTestServers);

const ANSWERS: readonly [path: string, status: number, type: RegExp, body: RegExp][] = [
  ['/', 200, /text\/html/, /the page/],
  ['/assets/app-1a2b.js', 200, /javascript/, /export/],
  ['/assets/none.js', 404, /json/, /not_found/],
  ['/healthz', 200, /json/, /"ok"/],
  ['/readyz', 200, /json/, /"ready":true.*"provider":"cpu"/],
  ['/metrics', 200, /text\/plain/, /undertone_sessions{state="attached"} 0/],
  ['/metrics?name=any', 200, /text\/plain/, /undertone_sessions/],
  ['/v1/bundle', 200, /json/, /"name":"fake"/],
  ['/v1/bundle/card', 200, /markdown/, /# Fake/],
  ['/v1/openapi.json', 200, /json/, /"openapi":"3\.1/],
  ['/v1/asyncapi.json', 200, /json/, /"asyncapi":"3/],
  ['/v1/stream', 426, /json/, /"code":"upgrade_required".*a proxy in between/],
  ['/v1/nothing', 404, /json/, /"code":"not_found".*"request_id"/],
  ['/.secret', 404, /json/, /not_found/],
  ['/..%2foutside.txt', 404, /json/, /not_found/],
  ['/%E0%A4%A', 404, /json/, /not_found/],
];

interface Described {
  readonly type?: string;
  readonly $ref?: string;
}
interface OpenApi {
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Record<
    string,
    {
      readonly get: {
        readonly responses: Record<string, { readonly content?: Record<string, { schema: Described }> }>;
      };
    }
  >;
  readonly components: { readonly schemas: Record<string, Described> };
}

describe('http', () => {
  test.each(ANSWERS)('%s is %i', async (path, status, type, body) => {
    const server = await startTestServer({ webDir, bundleDir });
    const response = await fetch(`${server.url}${path}`);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toMatch(type);
    expect(await response.text()).toMatch(body);
    expect(response.headers.get('x-powered-by')).toBeNull();
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('permissions-policy')).toContain('camera=(self)');
    const policy = response.headers.get('content-security-policy');
    for (const part of ["default-src 'self'", `ws://127.0.0.1:${server.port}`, "media-src 'self' blob:"])
      expect(policy).toContain(part);
  });

  test('the document says what each address answers', async () => {
    const server = await startTestServer({ webDir, bundleDir });
    const document = `${server.url}/v1/openapi.json`;
    const { servers, paths, components } = (await (await fetch(document)).json()) as OpenApi;
    const below = document.replace('/v1/', '/mood/v1/');
    expect(servers.map(({ url }) => new URL(url, below).pathname)).toEqual(['/mood/']);
    for (const [path, { get }] of Object.entries(paths)) {
      const response = await fetch(`${server.url}${path}`);
      const [[type, { schema }] = ['', { schema: {} }]] = Object.entries(get.responses[response.status]?.content ?? {});
      expect([path, response.headers.get('content-type')]).toEqual([path, expect.stringContaining(type)]);
      const isObject = type === 'application/json' && typeof (await response.json()) === 'object';
      const described = 'type' in schema ? schema : components.schemas[schema.$ref?.split('/').at(-1) ?? ''];
      expect([path, described?.type]).toEqual([path, isObject ? 'object' : 'string']);
    }
    for (const name of ['Health', 'Ready', 'Error'])
      expect(JSON.stringify(components.schemas[name])).not.toContain('"additionalProperties":false');
  });

  test.each([
    { headersTimeoutMs: 5000, requestTimeoutMs: 2000 },
    { headersTimeoutMs: 5000, requestTimeoutMs: 0 },
  ])('serves with %o', async (settings) => {
    const server = await startTestServer(settings);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });

  test('without a page and a bundle folder the answers say so', async () => {
    const removed = join(folder, 'removed');
    mkdirSync(removed);
    writeFileSync(join(removed, 'index.html'), '');
    const server = await startTestServer({ webDir: removed });
    rmSync(join(removed, 'index.html'));
    const home = await fetch(server.url);
    expect([home.status, await home.text()]).toEqual([503, expect.stringContaining('npm run build')]);
    const card = await fetch(`${server.url}/v1/bundle/card`);
    expect([card.status, await card.text()]).toEqual([404, expect.stringContaining('no_such_file')]);
  });

  test('hashed files are kept, the page is asked for again', async () => {
    const server = await startTestServer({ webDir });
    const cache = async (path: string) => (await fetch(`${server.url}${path}`)).headers.get('cache-control');
    expect(await cache('/assets/app-1a2b.js')).toContain('immutable');
    expect(await cache('/')).toContain('max-age=0');
  });

  test.each(['/metrics/', '/Metrics', '/METRICS/', '//metrics', '/metrics#'])(
    'a proxy that keeps /metrics inside need not know %j',
    async (path) => {
      const server = await startTestServer();
      const answer = await raw(server.port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1.1 404 /);
    },
  );

  test.each(['br', 'gzip', 'identity'])('the page goes out as %s where that is asked for', async (encoding) => {
    const server = await startTestServer({ webDir });
    const url = `${server.url}/assets/large-3c4d.js`;
    const response = await fetch(url, { headers: { 'Accept-Encoding': encoding, Range: 'bytes=0-9' } });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-encoding') ?? 'identity').toBe(encoding);
    expect(response.headers.get('vary')).toContain('Accept-Encoding');
    expect(response.headers.get('cache-control')).toContain('immutable');
    expect(await response.text()).toBe(LARGE);
    const tag = response.headers.get('etag') ?? '';
    expect(tag).toMatch(/^W\//);
    const again = await fetch(url, {
      headers: { 'Accept-Encoding': encoding, 'If-None-Match': tag, 'Cache-Control': 'max-age=0' },
    });
    expect(again.status).toBe(304);
  });

  test.each([
    ['itself', '', true],
    ['a proxy, which may speak HTTP/2 to the client,', 'X-Forwarded-For: 192.0.2.1\r\n', false],
  ])('who asks %s for no WebSocket is told what to upgrade to', async (_, header, told) => {
    const server = await startTestServer();
    const answer = await raw(server.port, `GET /v1/stream HTTP/1.0\r\nHost: x\r\n${header}\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 426 /);
    expect([/^Upgrade: websocket\r$/im.test(answer), /^Connection: Upgrade\r$/im.test(answer)]).toEqual([told, told]);
    expect(answer).toContain('upgrade_required');
  });

  test('a Host that is none does not get into the policy', async () => {
    const server = await startTestServer({ webDir });
    const answer = await raw(
      server.port,
      "GET / HTTP/1.1\r\nHost: x; script-src 'unsafe-inline'\r\nConnection: close\r\n\r\n",
    );
    expect(answer).not.toContain('script-src');
  });

  test('headers that do not end are cut off', async () => {
    const server = await startTestServer({ headersTimeoutMs: 100, requestTimeoutMs: 200 });
    expect(await raw(server.port, 'GET / HTTP/1.1\r\nHost: x\r\n')).toMatch(/408/);
  });

  test('metrics count what sessions do', async () => {
    const server = await startTestServer();
    const client = await server.open('ws');
    client.frame(0, 0);
    client.send({ type: 'nonsense' });
    await client.next('sentiment.result');
    client.send({ type: 'session.close' });
    await client.closed;
    const text = await (await fetch(`${server.url}/metrics`)).text();
    for (const line of [
      'undertone_sessions_opened_total{transport="ws"} 1',
      'undertone_sessions_closed_total{code="1000"} 1',
      'undertone_frames_received_total 1',
      'undertone_frames_total{outcome="encoded"} 1',
      'undertone_problems_total{type="error",code="unknown_type"} 1',
    ])
      expect(text).toContain(line);
    expect(text).toMatch(/undertone_results_total{state="degraded"} [1-9]/);
    expect(text).toMatch(/undertone_result_latency_seconds_count{part="total"} [1-9]/);
    expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
  });

  test('a port that is taken is a clear error', async () => {
    const server = await startTestServer();
    await expect(startTestServer({ port: server.port })).rejects.toMatchObject({ code: 'address_in_use' });
  });
});

/** What a server answers to bytes, until it ends the connection. */
function raw(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    let answer = '';
    socket.on('data', (data) => {
      answer += data.toString('latin1');
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}
