import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { connectTestClient, TRANSPORTS } from '../server/support/test-client.ts';
import { startTestServer, stopTestServers } from '../server/support/test-server.ts';
import { freePort } from '../support/free-port.ts';
import { readDoc } from './tables.ts';
import type { ChildProcess } from 'node:child_process';

const WAIT = { timeout: 20_000 };
const page = readDoc('deploy.md');
const folder = mkdtempSync(join(tmpdir(), 'undertone-deploy-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Proxy {
  readonly program: string;
  readonly language: string;
  readonly file: string;
  /** The whole configuration around the page's, which listens at another address and without TLS. */
  whole(example: string, port: number): string;
  args(file: string): string[];
}

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${kind};`);

const PROXIES: readonly Proxy[] = [
  {
    program: 'nginx',
    language: 'nginx',
    file: 'nginx.conf',
    whole: (example, port) => `daemon off; pid nginx.pid; error_log stderr; events {}
http { access_log off; ${TEMPORARY.join(' ')}
${example.replace('443 ssl', `127.0.0.1:${port}`).replaceAll(/ssl_certificate.*;/g, '')} }`,
    args: (file) => ['-p', folder, '-c', file],
  },
  {
    program: 'caddy',
    language: 'caddyfile',
    file: 'Caddyfile',
    whole: (example, port) => `{
  admin off
}
${example.replace('undertone.example.org', `http://127.0.0.1:${port}`)}`,
    args: (file) => ['run', '--config', file, '--adapter', 'caddyfile'],
  },
  {
    program: 'haproxy',
    language: 'haproxy',
    file: 'haproxy.cfg',
    whole: (example, port) => example.replace(/bind :443.*/, `bind 127.0.0.1:${port}`),
    args: (file) => ['-db', '-f', file],
  },
];

let running: ChildProcess | undefined;
afterEach(async () => {
  if (running?.exitCode === null && running.kill()) await once(running, 'exit');
  await stopTestServers();
});

/** Status of a request for a path as it is written, which `fetch` would tidy. */
function statusOf(port: number, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, agent: false });
    asked.on('error', reject);
    asked.on('response', (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.end();
  });
}

/** Status of a request for a WebSocket that comes from `localAddress`; the connection stays open where it is one. */
function upgrade(port: number, localAddress: string): Promise<number | undefined> {
  const headers = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    // What a client says of itself counts for nothing.
    'X-Forwarded-For': '192.0.2.1',
  };
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path: '/v1/stream', headers, localAddress });
    asked.on('error', reject);
    asked.on('response', (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('upgrade', ({ statusCode }, socket) => {
      socket.on('error', () => undefined);
      resolve(statusCode);
    });
    asked.end();
  });
}

describe.skipIf(process.platform !== 'linux').each(PROXIES)('$program as in docs/deploy.md', (proxy) => {
  const isHere = spawnSync(proxy.program, ['-v']).error === undefined;

  test.skipIf(!isHere)(
    'passes on both transports, the host and the address, and keeps /metrics inside',
    async () => {
      const server = await startTestServer({ trustProxyHops: 1, maxConnectionsPerAddress: 2 });
      const port = await freePort();
      const [, example = ''] = new RegExp(`^\`\`\`${proxy.language}\\n(.*?)^\`\`\`$`, 'ms').exec(page) ?? [];
      const file = join(folder, proxy.file);
      const upstream = '127.0.0.1:8080';
      expect(example).toContain(upstream);
      writeFileSync(file, `${proxy.whole(example.replace(upstream, `127.0.0.1:${server.port}`), port)}\n`);
      running = spawn(proxy.program, proxy.args(file), { stdio: 'ignore', env: { ...process.env, HOME: folder } });
      const url = `http://127.0.0.1:${port}`;
      const status = (path: string): Promise<number> =>
        fetch(url + path).then(
          (answer) => answer.status,
          () => 0,
        );
      await expect.poll(() => status('/healthz'), WAIT).toBe(200);
      for (const path of ['/metrics', '/metrics/', '/Metrics', '/metrics?name=any', '/metrics#'])
        expect([path, await statusOf(port, path)]).toEqual([path, expect.toBeOneOf([400, 404])]);

      for (const kind of TRANSPORTS) {
        // As a browser does, which asks for the server to be of the same host.
        const client = await connectTestClient(kind, url, { headers: { Origin: url } });
        client.send({ type: 'session.update', protocol: 1 });
        await client.next('session.created');
        client.leave();
        await client.closed;
      }
      await expect.poll(() => server.counts().connections, WAIT).toBe(0);
      const statuses: unknown[] = [];
      for (const from of ['127.0.0.1', '127.0.0.1', '127.0.0.1', '127.0.0.2']) statuses.push(await upgrade(port, from));
      expect(statuses).toEqual([101, 101, 429, 101]);
    },
    60_000,
  );
});
