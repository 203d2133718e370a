import { rmSync } from 'node:fs';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Bundle } from '../../models/bundle/bundle.ts';
import type { SentimentModel } from '../../models/model.ts';
import { type LoadedModel, loadModel } from '../../models/runtime/load-model.ts';
import { encodeFrame, type Metrics } from '../../pipeline/protocol/index.ts';
import { startServer, type RunningServer } from '../../server/start-server.ts';
import { writeTinyBundle } from '../support/tiny-bundle.ts';
import { setTimeout as pause } from 'node:timers/promises';
import { connectTestClient, type TestClient } from './support/test-client.ts';

const FRAMES = 30;
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
    rmSync(tiny.dir, { recursive: true, force: true });
  });

  async function open(shadow: SentimentModel): Promise<TestClient> {
    const server = await startServer({ model: own, shadow, port: 0, logLevel: 'silent', closeGraceMs: 200 });
    const client = await connectTestClient('ws', server.url);
    opened.push({ server, client });
    client.send({ type: 'session.update', protocol: 1 });
    await client.next('session.created');
    return client;
  }

  /** A second of frames and captions, then frames alone, then captions, faster than a camera. */
  async function stream(client: TestClient): Promise<void> {
    for (let i = 0; i < FRAMES + 4; i++) {
      const ptsMs = i * 250;
      if (i < FRAMES) client.sendBinary(encodeFrame({ seq: i, ptsMs, image: images[i % 3] as Buffer }));
      if (i < 4 || i >= FRAMES)
        client.caption(`c${i}`, ['so happy today', 'a bad day'][i % 2] ?? '', ptsMs, ptsMs + 250);
      await pause(100);
    }
  }

  test('another bundle is compared per modality that is virtual, and the session itself is as without it', async () => {
    const client = await open(other);
    await stream(client);
    const compared = (message: Metrics): boolean =>
      ['observed', 'text'].every((pattern) => message.shadow?.agreement[pattern] !== undefined);
    const { shadow } = await client.next('metrics', compared, WAIT_MS);
    expect(shadow?.bundle).toEqual({ name: tiny.manifest.name, version: tiny.manifest.version });
    for (const { results, score_difference } of Object.values(shadow?.agreement ?? {})) {
      expect(results).toBeGreaterThan(0);
      expect(score_difference).toBeGreaterThan(0);
    }
    client.send({ type: 'session.close' });
    const { totals } = await client.next('session.closed');
    expect(totals.frames).toMatchObject({ received: FRAMES, in_flight: 0 });
    expect(totals.errors).toBe(0);
    expect(new Set(client.of('session.created').map(({ bundle }) => bundle.name))).toEqual(new Set([own.info.name]));
  });

  test('one that fails or never answers is left behind, and the session goes on', async () => {
    const never = new Promise<never>(() => undefined);
    const stuck: SentimentModel = {
      info: other.info,
      encode: () => never,
      predict: () => never,
      predictBatch: () => never,
      close: () => Promise.resolve(),
    };
    const client = await open(stuck);
    for (let i = 0; i < 60; i++) client.caption(`c${i}`, 'happy', i * 100, i * 100 + 100);
    for (let i = 0; i < 16; i++) {
      client.sendBinary(encodeFrame({ seq: i, ptsMs: 6000 + i * 250, image: images[i % 3] as Buffer }));
      await pause(100);
    }
    await client.next(
      'sentiment.result',
      ({ modalities }) => ['observed', 'mixed'].includes(modalities['video']?.source ?? ''),
      WAIT_MS,
    );
    const { shadow } = await client.next('metrics', (message) => (message.shadow?.skipped ?? 0) > 0, WAIT_MS);
    expect(shadow?.agreement).toEqual({});
    client.send({ type: 'session.close' });
    expect((await client.next('session.closed')).totals.errors).toBe(0);
  });
});
