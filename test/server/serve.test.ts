import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeFrame } from '../../pipeline/protocol/index.ts';
import { writeTinyBundle } from '../support/tiny-bundle.ts';
import { connectTestClient } from './support/test-client.ts';
import type { ChildProcess } from 'node:child_process';
import type { Bundle } from '../../models/bundle/bundle.ts';

let bundle: Bundle;
beforeAll(async () => {
  bundle = await writeTinyBundle({ windowMs: 1000, hopMs: 250 });
});
afterAll(() => rmSync(bundle.dir, { recursive: true }));

/** A server in a process of its own; resolves when it takes connections. */
async function startChild(
  env: Record<string, string> = {},
): Promise<{ child: ChildProcess; url: string; ended: Promise<number | null> }> {
  const program = new URL('support/serve-child.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import', 'tsx', program, bundle.dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  const [url] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, url: url.toString('utf8').trim(), ended };
}

describe('serve', { timeout: 90_000 }, () => {
  test('a real bundle predicts, and SIGTERM drains and ends with 0', async () => {
    const { child, url, ended } = await startChild();
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

    child.kill('SIGTERM');
    expect(await client.next('warning')).toMatchObject({ code: 'draining' });
    expect((await client.next('session.closed')).code).toBe(1001);
    expect(await client.closed).toBe(1001);
    expect(await ended).toBe(0);
  });

  test('a second signal ends it at once', async () => {
    const { child, url, ended } = await startChild({ UNDERTONE_CLOSE_GRACE_MS: '60000' });
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
});
