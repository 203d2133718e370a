import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { readBundle } from '../../models/bundle/read-bundle.ts';
import { type FoundationConfig, readFoundationConfig } from '../../models/foundation/config.ts';
import { openFoundation } from '../../models/foundation/open-foundation.ts';
import { pullFoundation } from '../../models/foundation/pull.ts';
import type { Foundation } from '../../models/foundation/read-foundation.ts';
import { loadLocalModel } from '../../models/runtime/load-local-model.ts';
import { type LoadedModel, loadModel } from '../../models/runtime/load-model.ts';
import { encodeFrame } from '../../pipeline/protocol/index.ts';
import { startServer } from '../../server/start-server.ts';
import type { RunningServer } from '../../server/start-server.ts';
import { type HubServer, commitOf, startHub } from '../support/hub-server.ts';
import { tinyClip, tinyClipEntry } from '../support/tiny-clip.ts';
import { writeTinyHeads } from '../support/tiny-heads.ts';
import { connectTestClient, type TestClient } from './support/test-client.ts';

/** Text with this word has an embedding that is no number. */
const poison = (params: Map<string, Float32Array>): void => {
  const angry = 512 + 9;
  params.get('text.tokens')?.fill(Number.NaN, angry * 32, (angry + 1) * 32);
};

describe('heads of a foundation model that came from a hub', { timeout: 120_000 }, () => {
  let folder: string;
  let hub: HubServer;
  let config: FoundationConfig;
  let foundation: Foundation;
  let heads: string;
  let model: LoadedModel;
  let server: RunningServer;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'undertone-live-foundation-'));
    hub = await startHub(tinyClip({ edit: poison }));
    writeFileSync(join(folder, 'catalogue.json'), JSON.stringify({ format: 1, models: [tinyClipEntry()] }));
    vi.stubEnv('UNDERTONE_MODELS_DIR', join(folder, 'models'));
    vi.stubEnv('UNDERTONE_MODELS_CATALOGUE', join(folder, 'catalogue.json'));
    vi.stubEnv('HF_ENDPOINT', hub.url);
    config = readFoundationConfig();
    foundation = (await pullFoundation('tiny-clip')).foundation;
    heads = join(folder, 'tiny-heads', '1.0.0');
    mkdirSync(join(folder, 'tiny-heads'));
    await writeTinyHeads(heads, foundation.manifest);
    model = await loadModel({ bundle: heads, provider: 'cpu', workers: 1, deadlineMs: 20_000 });
    server = await startServer({ model, port: 0, logLevel: 'silent', closeGraceMs: 200 });
  }, 120_000);

  afterAll(async () => {
    await server.close();
    await model.close();
    await hub.close();
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });

  const clients: TestClient[] = [];
  afterEach(() => {
    for (const client of clients.splice(0)) client.leave();
  });

  async function session(): Promise<TestClient> {
    const client = await connectTestClient('ws', server.url);
    clients.push(client);
    client.send({ type: 'session.update', protocol: 1 });
    await client.next('session.created');
    return client;
  }

  async function frames(client: TestClient, fromMs: number): Promise<void> {
    const data = await sharp({ create: { width: 48, height: 40, channels: 3, background: '#a06040' } })
      .jpeg()
      .toBuffer();
    for (let i = 0; i < 4; i++)
      client.sendBinary(encodeFrame({ seq: i + fromMs / 250, ptsMs: fromMs + i * 250, image: data }));
  }

  test('a live session sees and reads with it', async () => {
    const client = await session();
    expect(client.of('session.created')[0]).toMatchObject({ bundle: { name: 'tiny-heads', calibrated: false } });
    client.caption('a', 'so happy today', 0, 900);
    await frames(client, 0);
    client.send({ type: 'finalize' });
    const both = await client.next(
      'sentiment.result',
      ({ modalities }) => modalities['text']?.source === 'observed' && modalities['video']?.source !== 'absent',
    );
    expect(both.score).not.toBeNull();
  });

  test('embeddings of the service are those of the opened model', async () => {
    const opened = await openFoundation(foundation.dir, { threads: 1 });
    const local = await loadLocalModel({ bundle: heads, threads: 1 });
    try {
      const text = 'a happy person';
      const image = { kind: 'rgb', width: 40, height: 60, data: new Uint8Array(40 * 60 * 3).fill(77) } as const;
      const expected = [await opened.encodeTexts([text]), (await opened.encodeImages([image])).embeddings];
      for (const one of [model, local]) {
        const found = [await one.encode('text', { kind: 'text', text }), await one.encode('video', image)];
        for (const [i, { embedding }] of found.entries()) {
          const worst = Math.max(...embedding.map((value, k) => Math.abs(value - (expected[i]?.[k] ?? 0))));
          expect(worst).toBeLessThan(1e-6);
        }
      }
    } finally {
      await opened.close();
      await local.close();
    }
  });

  test('an embedding that is not finite is refused alone, and the session goes on', async () => {
    const texts = ['happy', 'angry', 'sad'].map((text) => model.encode('text', { kind: 'text', text }));
    const [happy, angry, sad] = await Promise.allSettled(texts);
    expect([happy?.status, angry?.status, sad?.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(angry).toMatchObject({ reason: { code: 'embedding_not_finite' } });

    const client = await session();
    client.caption('a', 'angry', 0, 900);
    await frames(client, 0);
    client.send({ type: 'finalize' });
    const result = await client.next('sentiment.result', ({ modalities }) => modalities['video']?.source !== 'absent');
    expect(result.modalities['text']?.source).toBe('virtual');
    expect(result.score).not.toBeNull();
    expect((await client.next('warning')).message).toContain('not finite');
    expect(model.stats().workers.map(({ restarts }) => restarts)).toEqual([0]);
  });

  test('what is refused leaves the running service as it is', async () => {
    const serves = async (): Promise<void> => {
      const client = await session();
      client.caption('a', 'happy', 0, 900);
      client.send({ type: 'finalize' });
      await client.next('sentiment.result', ({ modalities }) => modalities['text']?.source === 'observed');
    };
    hub.commit = commitOf('bad');
    const edit = (params: Map<string, Float32Array>): void => void params.get('vision.output')?.fill(Number.NaN);
    hub.repository.set(hub.commit, tinyClip({ edit }));
    await expect(pullFoundation('tiny-clip', { revision: 'main' })).rejects.toMatchObject({
      code: 'embedding_not_finite',
    });
    await serves();

    // Heads for another revision, and for embeddings of another size.
    const other = { foundation: { name: 'tiny-clip', revision: commitOf('other') } };
    await expect(writeTinyHeads(join(folder, 'other'), foundation.manifest, other)).rejects.toMatchObject({
      code: 'foundation_mismatch',
    });
    await expect(writeTinyHeads(join(folder, 'wide'), foundation.manifest, { dimension: 32 })).rejects.toMatchObject({
      code: 'foundation_mismatch',
    });
    const missing = { foundation: { name: 'no-such', revision: 'main' } };
    await expect(writeTinyHeads(join(folder, 'none'), foundation.manifest, missing)).rejects.toMatchObject({
      code: 'foundation_not_installed',
    });
    await serves();

    // The installed files change under it: nobody can open them any more, and what is open goes on.
    appendFileSync(join(foundation.dir, 'onnx/text_model.onnx'), 'x');
    await expect(readBundle(heads)).rejects.toMatchObject({ code: 'bundle_checksum' });
    await expect(loadModel({ bundle: heads, provider: 'cpu', workers: 1 })).rejects.toMatchObject({
      code: 'bundle_checksum',
    });
    await serves();
    hub.commit = commitOf('first');
    await expect(pullFoundation('tiny-clip', { config })).resolves.toMatchObject({ fresh: true });
    await expect(readBundle(heads)).resolves.toMatchObject({ encoders: { dir: foundation.dir } });
  });
});
