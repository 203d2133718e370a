import { existsSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { encodeFrame } from '../../pipeline/protocol/index.ts';
import { hasCode } from '../../models/errors.ts';
import { serve } from '../../server/serve.ts';
import { isAlive } from '../support/processes.ts';
import { writeTinyBundle } from '../support/tiny-bundle.ts';
import { startChild } from './support/start-child.ts';
import { connectTestClient } from './support/test-client.ts';
import type { AddressInfo } from 'node:net';
import type { Bundle } from '../../models/bundle/bundle.ts';

let bundle: Bundle;
beforeAll(async () => {
  bundle = await writeTinyBundle({ windowMs: 1000, hopMs: 250 });
});

describe('serve', { timeout: 90_000 }, () => {
  test('a real bundle predicts, and SIGTERM drains and ends with 0', async () => {
    const { child, url, ended } = await startChild(bundle.dir);
    const { manifest } = bundle;
    expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({
      ready: true,
      bundle: { name: manifest.name, sha256: bundle.sha256 },
      device: { provider: 'cpu', workers: 1 },
    });
    expect(await (await fetch(`${url}/v1/bundle`)).json()).toEqual(manifest);
    const client = await connectTestClient('ws', url);
    client.send({ type: 'session.update', protocol: 1 });
    await client.next('session.created');
    const sharp = (await import('sharp')).default;
    const image = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#a52' } })
      .jpeg()
      .toBuffer();
    client.sendBinary(encodeFrame({ seq: 0, ptsMs: 0, image }));
    client.caption('s0', 'i am so happy', 0, 400);
    const result = await client.next('sentiment.result', ({ score }) => score !== null);
    expect(result.modalities['text']?.source).toBe('observed');
    client.sendBinary(encodeFrame({ seq: 1, ptsMs: 300, image: image.subarray(0, 200) }));
    expect(await client.next('error')).toMatchObject({ code: 'image_corrupt', fatal: false, ref: 1 });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/undertone_batch_size_count{lane="video"} [1-9]/);
    expect(metrics).toContain('undertone_queued_inputs{lane="predict"} 0');
    for (const stage of ['encode', 'heads', 'send'])
      for (const part of ['queue', 'compute'])
        expect(metrics).toMatch(
          new RegExp(`undertone_stage_seconds_count{stage="${stage}",lane="[a-z]+",part="${part}"} [1-9]`),
        );
    expect(metrics).toMatch(/undertone_stage_seconds_count{stage="decode",lane="video",part="compute"} [1-9]/);
    expect(metrics).toMatch(/undertone_workers{provider="cpu",state="(idle|busy)"} 1/);

    child.kill('SIGTERM');
    expect(await client.next('warning')).toMatchObject({ code: 'draining' });
    expect((await client.next('session.closed')).code).toBe(1001);
    expect(await client.closed).toBe(1001);
    expect(await ended).toBe(0);
  });

  test.each([
    ['a terminal that is gone', 'SIGHUP'],
    ['a service manager that tells every process, of which one passes it on,', 'SIGTERM'],
  ] as const)('%s drains it, however often that is told', async (_, signal) => {
    const twice = `process.once('${signal}', () => process.emit('${signal}', '${signal}'));`;
    const { child, url, ended } = await startChild(bundle.dir, {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(twice)}`,
    });
    const client = await connectTestClient('ws', url);
    client.send({ type: 'session.update', protocol: 1 });
    await client.next('session.created');
    child.kill(signal);
    expect(await client.next('warning')).toMatchObject({ code: 'draining' });
    expect(await client.closed).toBe(1001);
    expect(await ended).toBe(0);
  });

  test('a second signal ends it at once', async () => {
    const { child, url, ended } = await startChild(bundle.dir, { UNDERTONE_CLOSE_GRACE_MS: '60000' });
    const client = await connectTestClient('ws', url);
    client.send({ type: 'session.update', protocol: 1 });
    await client.next('session.created');
    // A client that does not answer the close keeps the drain waiting.
    client.ws?.pause();
    child.kill('SIGINT');
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status, { timeout: 20_000 }).toBe(503);
    child.kill('SIGTERM');
    expect(await ended).toBe(1);
  });

  test.skipIf(!existsSync('/proc/self/limits'))(
    'where few files may be open, connections are cut off, not left waiting',
    async () => {
      const program = new URL('support/serve-child.ts', import.meta.url).pathname;
      const node = [process.execPath, '--import', 'tsx', program, bundle.dir];
      const child = spawn('sh', ['-c', 'ulimit -n 256; exec "$0" "$@"', ...node], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, UNDERTONE_LOG_LEVEL: 'silent' },
      });
      onTestFinished(() => void child.kill('SIGKILL'));
      const [said] = (await once(child.stdout, 'data')) as [Buffer];
      const url = new URL(said.toString('utf8').trim());
      const sockets = Array.from({ length: 256 }, () => connect(Number(url.port), url.hostname));
      const closed = sockets.map((socket) => {
        socket.on('error', () => undefined);
        return new Promise((resolve) => void socket.once('close', resolve));
      });
      await Promise.race(closed);
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
      const metrics = async (): Promise<string> => (await fetch(new URL('/metrics', url))).text();
      await expect
        .poll(() => metrics().catch(() => ''), { timeout: 20_000 })
        .toMatch(/connections_refused_total{reason="connection_limit"} [1-9]/);
    },
  );

  const children = (pid: number | undefined) => `/proc/${pid}/task/${pid}/children`;
  test.skipIf(!existsSync(children(process.pid)))('a second signal ends a process that hangs, too', async () => {
    const { child, url, ended } = await startChild(bundle.dir, { UNDERTONE_CLOSE_GRACE_MS: '60000' });
    const worker = Number(readFileSync(children(child.pid), 'utf8').trim());
    const client = await connectTestClient('ws', url);
    client.send({ type: 'session.update', protocol: 1 });
    await client.next('session.created');
    client.ws?.pause();
    process.kill(worker, 'SIGSTOP');
    child.kill('SIGINT');
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status, { timeout: 20_000 }).toBe(503);
    child.kill('SIGTERM');
    expect(await ended).toBe(1);
    try {
      await expect.poll(() => isAlive(worker), { timeout: 20_000 }).toBe(false);
    } finally {
      if (isAlive(worker)) process.kill(worker, 'SIGKILL');
    }
  });

  test.skipIf(!existsSync(children(process.pid)))('the log says why an inference process ended', async () => {
    const { child, ended } = await startChild(bundle.dir, { UNDERTONE_LOG_LEVEL: 'warn' });
    const line = once(child.stdout ?? child, 'data') as Promise<[Buffer]>;
    process.kill(Number(readFileSync(children(child.pid), 'utf8').trim()), 'SIGKILL');
    expect(JSON.parse((await line).toString())).toMatchObject({
      msg: 'worker ended',
      code: 'inference_crashed',
      reason: expect.stringContaining('SIGKILL'),
    });
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  test.skipIf(!existsSync(children(process.pid)))('the log says so of a shadow, too', async () => {
    const { child, ended } = await startChild(bundle.dir, { UNDERTONE_LOG_LEVEL: 'warn' }, bundle.dir);
    const line = once(child.stdout ?? child, 'data') as Promise<[Buffer]>;
    const [, shadow] = readFileSync(children(child.pid), 'utf8').trim().split(' ').map(Number);
    process.kill(Number(shadow), 'SIGKILL');
    expect(JSON.parse((await line).toString())).toMatchObject({ msg: 'worker ended', worker: shadow, shadow: true });
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  test('asked to stop while it loads, it does so at once, with every process that it started', async () => {
    const pids = join(bundle.dir, '..', `${basename(bundle.dir)}-pids`);
    const hangs = `require('fs').appendFileSync(${JSON.stringify(pids)}, process.pid + ' '); setInterval(() => {}, 1000)`;
    const stop = new AbortController();
    const runtime = { provider: 'cpu', workers: 2, program: ['-e', hangs], loadDeadlineMs: 600_000 } as const;
    const served = serve({ port: 0, bundle: bundle.dir, logLevel: 'silent', runtime }, stop.signal);
    const started = () => (existsSync(pids) ? readFileSync(pids, 'utf8').trim().split(' ').map(Number) : []);
    await expect.poll(() => started().length, { timeout: 60_000 }).toBe(2);
    stop.abort();
    await expect(served).resolves.toBeUndefined();
    for (const pid of started()) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    rmSync(pids);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('%s while it loads ends it with 0', async (signal) => {
    const program = new URL('support/loading-child.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, ['--import', 'tsx', program, bundle.dir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = once(child, 'exit');
    await once(child.stdout, 'data');
    child.kill(signal);
    expect(await ended).toEqual([0, null]);
  });

  test('a port that is taken is told before anything is loaded', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const choose = () => Promise.reject(new Error('it began to load'));
    const served = serve({ host: '127.0.0.1', port, bundle: bundle.dir, logLevel: 'silent', runtime: { choose } });
    await expect(served).rejects.toSatisfy((error) => hasCode(error, 'address_in_use'));
    other.close();
  });

  test.each([{ bundle: 'nope' }, { shadow: 'nope' }])('%o is told before anything is loaded', async (wrong) => {
    const choose = () => Promise.reject(new Error('it began to load'));
    const served = serve({ port: 0, bundle: bundle.dir, logLevel: 'silent', runtime: { choose }, ...wrong });
    await expect(served).rejects.toSatisfy((error) => hasCode(error, 'bundle_not_found'));
  });

  test.each([
    ['http://localhost', /without scheme and port/],
    ['192.0.2.1', /does not have that address/],
  ])('--host %s is refused with what to do', async (host, advice) => {
    const served = serve({ host, port: 0, bundle: bundle.dir, logLevel: 'silent' });
    await expect(served).rejects.toThrow(
      expect.objectContaining({ code: 'listen_failed', message: expect.stringMatching(advice) }),
    );
  });
});
