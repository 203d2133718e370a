import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { serve } from '../../server/serve.ts';
import { encodeFrame } from '../../pipeline/protocol/index.ts';
import { writeTinyBundle } from '../support/tiny-bundle.ts';
import { connectTestClient } from './support/test-client.ts';
import type { Bundle } from '../../models/bundle/bundle.ts';
import type { RunningServer } from '../../server/start-server.ts';

let bundle: Bundle;
beforeAll(async () => {
  bundle = await writeTinyBundle({ windowMs: 1000, hopMs: 250 });
});

const PROGRAM = fileURLToPath(new URL('../support/lossy-gpu-program.ts', import.meta.url));
const TSX = createRequire(import.meta.url).resolve('tsx');
/** Generous: processes start many times slower on a machine that is busy. */
const WAIT_MS = 60_000;

/** `serve` with real inference processes whose GPU fails that way. */
async function serveOn(
  fails: string | readonly string[],
  workers = 1,
  provider: 'auto' | 'webgpu' = 'webgpu',
): Promise<{ server: RunningServer; stop: () => Promise<void> }> {
  const abort = new AbortController();
  let served: Promise<void> | undefined;
  const server = await new Promise<RunningServer>((resolve, reject) => {
    served = serve(
      {
        port: 0,
        bundle: bundle.dir,
        logLevel: 'silent',
        runtime: {
          provider,
          workers,
          deadlineMs: WAIT_MS,
          choose: () => Promise.resolve('webgpu'),
          memory: () => Infinity,
          program: ['--import', TSX, PROGRAM, ...[fails].flat()],
        },
        onListening: resolve,
      },
      abort.signal,
    );
    served.catch(reject);
  });
  return {
    server,
    stop: async () => {
      abort.abort();
      await served;
    },
  };
}

const ready = async ({ url }: RunningServer): Promise<unknown> => (await fetch(`${url}/readyz`)).json();

describe('a GPU that fails in the middle', { timeout: 150_000 }, () => {
  test.each(['lost', 'full'])('(%s) is left for the processor, and the session goes on', async (fails) => {
    const { server, stop } = await serveOn(fails);
    try {
      expect(await ready(server)).toMatchObject({ device: { provider: 'webgpu' } });
      const client = await connectTestClient('ws', server.url);
      client.send({ type: 'session.update', protocol: 1 });
      const { device } = await client.next('session.created');
      expect(device.provider).toBe('webgpu');
      const image = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#a52' } })
        .jpeg()
        .toBuffer();
      const startMs = performance.now();
      let seq = 0;
      const send = (): void =>
        client.sendBinary(encodeFrame({ seq: seq++, ptsMs: Math.round(performance.now() - startMs), image }));
      const timer = setInterval(send, 250);
      try {
        const warning = await client.next('warning', ({ code }) => code === 'device_fallback', WAIT_MS);
        expect(warning).toMatchObject({ fatal: false, message: expect.stringContaining('webgpu') });
        const before = client.of('sentiment.result').at(-1)?.pts_ms ?? 0;
        // Newer than the failure, and made from frames that were encoded since.
        await client.next(
          'sentiment.result',
          ({ pts_ms: ptsMs, modalities }) =>
            ptsMs > before + 1000 && modalities['video']?.source === 'observed' && modalities['video'].coverage === 1,
          WAIT_MS,
        );
      } finally {
        clearInterval(timer);
      }
      const seqs = client.of('sentiment.result').map((result) => result.seq);
      expect(seqs).toEqual(seqs.map((_, i) => i));
      expect(client.of('warning').filter(({ code }) => code === 'device_fallback')).toHaveLength(1);
      expect(await ready(server)).toMatchObject({ ready: true, device: { provider: 'cpu', workers: 1 } });
      const metrics = await (await fetch(`${server.url}/metrics`)).text();
      expect(metrics).toContain('undertone_worker_events_total{event="provider_fallback"} 1');
      expect(metrics).toMatch(/undertone_workers{provider="cpu",state="\w+"} 1/);
      expect(metrics).not.toMatch(/undertone_workers{provider="webgpu"/);
      expect(server.counts().sessions).toBe(1);
      client.send({ type: 'session.close' });
      const { totals } = await client.next('session.closed', () => true, WAIT_MS);
      const { received, encoded, dropped } = totals.frames;
      expect(encoded + Object.values(dropped).reduce((sum, n) => sum + n, 0)).toBe(received);
    } finally {
      await stop();
    }
  });

  test('that is full from the start is left before anybody connects, for every core', async () => {
    const { server, stop } = await serveOn('absent', 0);
    try {
      const workers = availableParallelism();
      expect(await ready(server)).toMatchObject({ ready: true, device: { provider: 'cpu', workers } });
      const processes = async (): Promise<number> => {
        const found = (await server.metrics.registry.getSingleMetric('undertone_workers')?.get())?.values ?? [];
        const onCpu = found.filter(({ labels }) => labels['provider'] === 'cpu' && labels['state'] === 'idle');
        return onCpu.reduce((sum, { value }) => sum + value, 0);
      };
      await expect.poll(processes, { timeout: WAIT_MS }).toBe(workers);
      const metrics = await (await fetch(`${server.url}/metrics`)).text();
      expect(metrics).toContain('undertone_worker_events_total{event="provider_fallback"} 1');
    } finally {
      await stop();
    }
  });
});

describe('a GPU on which the model cannot be loaded', { timeout: 150_000 }, () => {
  test.each(['aborts', 'refuses'])(
    '(%s) is left for the processor where nobody asked for it by name',
    async (fails) => {
      const { server, stop } = await serveOn(fails, 1, 'auto');
      try {
        expect(await ready(server)).toMatchObject({ ready: true, device: { provider: 'cpu', workers: 1 } });
        const metrics = await (await fetch(`${server.url}/metrics`)).text();
        expect(metrics).toContain('undertone_worker_events_total{event="provider_fallback"} 1');
      } finally {
        await stop();
      }
    },
  );

  test('is still what is told when one of two processes has no room on it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'undertone-gpu-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const { server, stop } = await serveOn(['second', join(folder, 'taken')], 2);
    try {
      expect(await ready(server)).toMatchObject({ ready: true, device: { provider: 'webgpu', workers: 2 } });
      const metrics = await (await fetch(`${server.url}/metrics`)).text();
      for (const provider of ['webgpu', 'cpu'])
        expect(metrics).toMatch(new RegExp(`undertone_workers{provider="${provider}",state="\\w+"} 1`));
    } finally {
      await stop();
    }
  });

  test.each([
    ['aborts', 'inference_crashed'],
    ['refuses', 'model_unreadable'],
  ])('(%s) ends the server that was told to use it, and the message says what to do', async (fails, code) => {
    await expect(serveOn(fails, 1, 'webgpu')).rejects.toMatchObject({
      code,
      message: expect.stringContaining('--provider cpu'),
    });
  });
});
