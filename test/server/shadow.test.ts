import { renameSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Bundle } from '../../models/bundle/bundle.ts';
import type { SentimentModel } from '../../models/model.ts';
import { type LoadedModel, loadModel } from '../../models/runtime/load-model.ts';
import type { RuntimeStats } from '../../models/runtime/runtime-events.ts';
import { encodeFrame, type Metrics, type Source } from '../../pipeline/protocol/index.ts';
import { startServer, type RunningServer } from '../../server/start-server.ts';
import { writeTinyBundle } from '../support/tiny-bundle.ts';
import { setTimeout as pause } from 'node:timers/promises';
import { connectTestClient, type TestClient } from './support/test-client.ts';

/** Generous: inference processes are slower on a machine that is busy. */
const WAIT_MS = 30_000;
const CPU = { provider: 'cpu', workers: 1, deadlineMs: 20_000 } as const;

describe('a second bundle in the shadow of a live session', { timeout: 60_000 }, () => {
  let own: LoadedModel;
  let other: LoadedModel;
  let tiny: Bundle;
  let images: readonly Buffer[];
  const opened: { server: RunningServer; client: TestClient }[] = [];

  beforeAll(async () => {
    tiny = await writeTinyBundle({ seed: 3, windowMs: 4000, slots: 4 });
    [own, other] = await Promise.all([loadModel(CPU), loadModel({ ...CPU, bundle: tiny.dir })]);
    images = await Promise.all(
      ['#a06040', '#302010', '#e0c0a0'].map((background) =>
        sharp({ create: { width: 64, height: 48, channels: 3, background } })
          .jpeg()
          .toBuffer(),
      ),
    );
  }, 60_000);
  afterEach(async () => {
    for (const { server, client } of opened.splice(0)) {
      client.leave();
      await server.close();
    }
  });
  afterAll(async () => {
    await Promise.all([own, other].map((model) => model.close()));
  });

  async function open(shadow: SentimentModel, shadowStats?: () => RuntimeStats): Promise<TestClient> {
    const options = { port: 0, logLevel: 'silent', closeGraceMs: 200, ...(shadowStats && { shadowStats }) } as const;
    const server = await startServer({ model: own, shadow, ...options });
    const client = await connectTestClient('ws', server.url);
    opened.push({ server, client });
    client.send({ type: 'session.update', protocol: 1 });
    await client.next('session.created');
    return client;
  }

  /**
   * Sends frames, and captions where they are wanted, until what is waited for has come: faster than a camera, and at the pace
   * of the clock, so that a machine that is busy makes none of them late and an encoder that is slow meets later ones.
   */
  function streamTo(client: TestClient) {
    const startedMs = performance.now();
    let frames = 0;
    return {
      frames: () => frames,
      async until<T>(needed: Promise<T>, { captions }: { captions: boolean }): Promise<T> {
        const over = new AbortController();
        const end = (): void => over.abort();
        needed.then(end, end);
        while (!over.signal.aborted) {
          const seq = frames++;
          const ptsMs = Math.round(2.5 * (performance.now() - startedMs));
          client.sendBinary(encodeFrame({ seq, ptsMs, image: images[seq % 3] as Buffer }));
          const words = ['so happy today', 'a bad day'][seq % 2] ?? '';
          if (captions) client.caption(`c${seq}`, words, ptsMs, ptsMs + 125);
          await pause(50);
        }
        return needed;
      },
    };
  }

  test('another bundle is compared per modality that is virtual, and the session itself is as without it', async () => {
    const client = await open(other);
    const compared = (pattern: string): Promise<Metrics> =>
      client.next('metrics', (message) => message.shadow?.agreement[pattern] !== undefined, WAIT_MS);
    const stream = streamTo(client);
    await stream.until(compared('observed'), { captions: true });
    const { shadow } = await stream.until(compared('text'), { captions: false });
    expect(shadow?.bundle).toEqual({ name: tiny.manifest.name, version: tiny.manifest.version });
    for (const { results, score_difference } of Object.values(shadow?.agreement ?? {})) {
      expect(results).toBeGreaterThan(0);
      expect(score_difference).toBeGreaterThan(0);
    }
    client.send({ type: 'session.close' });
    const { totals } = await client.next('session.closed', undefined, WAIT_MS);
    expect(totals.frames).toMatchObject({ received: stream.frames(), in_flight: 0 });
    expect(totals.errors).toBe(0);
    expect(new Set(client.of('session.created').map(({ bundle }) => bundle.name))).toEqual(new Set([own.info.name]));
    expect(client.of('session.created')[0]).toMatchObject({ bundle: { calibrated: true } });
    const { registry } = opened.at(-1)?.server.metrics ?? {};
    const counted = await registry?.getSingleMetric('undertone_shadow_results_total')?.get();
    for (const [pattern, { results }] of Object.entries(shadow?.agreement ?? {})) {
      const values = counted?.values.filter(({ labels }) => labels['pattern'] === pattern) ?? [];
      expect(values.reduce((sum, { value }) => sum + value, 0)).toBeGreaterThanOrEqual(results);
    }
  });

  test.each<[string, () => Promise<never>, (metrics: Metrics) => boolean]>([
    ['never answers', () => new Promise(() => undefined), ({ shadow }) => (shadow?.skipped ?? 0) > 0],
    ['fails', () => Promise.reject(new Error('broken')), ({ results }) => results > 8],
  ])('one that %s is left behind, and the session goes on', async (_, answer, isBehind) => {
    const broken: SentimentModel = {
      info: other.info,
      encode: answer,
      predict: answer,
      predictBatch: answer,
      close: () => Promise.resolve(),
    };
    const client = await open(broken);
    const needed = Promise.all([
      client.next('sentiment.result', ({ modalities }) => isSeen(modalities['video']?.source), WAIT_MS),
      client.next('metrics', isBehind, WAIT_MS),
    ]);
    const [{ score }, { shadow }] = await streamTo(client).until(needed, { captions: true });
    expect(score).toEqual(expect.any(Number));
    expect(shadow?.agreement).toEqual({});
    client.send({ type: 'session.close' });
    expect((await client.next('session.closed', undefined, WAIT_MS)).totals.errors).toBe(0);
  });

  test('one that cannot be loaded again counts as failed until it can, for its session and for Prometheus', async () => {
    const bundle = await writeTinyBundle({ seed: 4 });
    const shadow = await loadModel({ ...CPU, bundle: bundle.dir });
    const [file, away] = ['heads.onnx', 'away'].map((name) => join(bundle.dir, name)) as [string, string];
    try {
      const client = await open(shadow, () => shadow.stats());
      const say = (failed: boolean, afterMs = 0): Promise<Metrics> =>
        client.next('metrics', ({ shadow: of, media_ms }) => of?.failed === failed && media_ms > afterMs, WAIT_MS);
      const failed = async (): Promise<number | undefined> => {
        const { registry } = opened.at(-1)?.server.metrics ?? {};
        return (await registry?.getSingleMetric('undertone_shadow_failed')?.get())?.values[0]?.value;
      };
      client.caption('c0', 'so happy today', 0, 400);
      await say(false);
      expect(await failed()).toBe(0);
      renameSync(file, away);
      process.kill(shadow.stats().workers[0]?.pid as number, 'SIGKILL');
      const { media_ms } = await say(true);
      expect(await failed()).toBe(1);
      renameSync(away, file);
      expect((await say(false, media_ms)).shadow?.bundle.name).toBe(bundle.manifest.name);
      expect(await failed()).toBe(0);
    } finally {
      await shadow.close();
    }
  });
});

function isSeen(source: Source | undefined): boolean {
  return source === 'observed' || source === 'mixed';
}
