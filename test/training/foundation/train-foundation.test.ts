import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Manifest } from '../../../models/bundle/manifest.ts';
import { findFoundation, type InstalledFoundation } from '../../../models/foundation/installed.ts';
import { readFoundationConfig } from '../../../models/foundation/config.ts';
import { pullFoundation, type PullProgress } from '../../../models/foundation/pull.ts';
import { verifyFoundation } from '../../../models/foundation/verify.ts';
import { loadLocalModel } from '../../../models/runtime/load-local-model.ts';
import { loadModel } from '../../../models/runtime/load-model.ts';
import { encodeFrame } from '../../../pipeline/protocol/index.ts';
import { startServer } from '../../../server/start-server.ts';
import { findBundle } from '../../../models/bundle/find-bundle.ts';
import { readBundle } from '../../../models/bundle/read-bundle.ts';
import { bundleOfFoundation } from '../../../training/evaluation/bundle-of-foundation.ts';
import { compareBundles, formatComparison } from '../../../training/evaluation/compare-bundles.ts';
import { evaluate } from '../../../training/evaluation/evaluate.ts';
import { writeBootstrapBundle } from '../../../training/foundation/bootstrap-bundle.ts';
import { sampleGap } from '../../../training/foundation/sample-gap.ts';
import { prepareData } from '../../../training/prepare/prepare-data.ts';
import { trainPrepared } from '../../../training/prepared/train-prepared.ts';
import { trainFoundation } from '../../../training/foundation/train-foundation.ts';
import { smoke } from '../../../training/recipes/smoke.ts';
import { smokeDataset } from '../../support/smoke-dataset.ts';
import { connectTestClient } from '../../server/support/test-client.ts';
import { startHub, type HubServer } from '../../support/hub-server.ts';
import { tinyClip, tinyClipEntry } from '../../support/tiny-clip.ts';

const EMPTY = new Uint8Array();

/** Pulls it as it may go: tampered with and refused, interrupted, taken up where it stopped, verified. */
async function pullOverABadLine(hub: HubServer): Promise<void> {
  const [image, text] = ['onnx/vision_model.onnx', 'onnx/text_model.onnx'] as const;
  const changed = Uint8Array.from(hub.repository.get(hub.commit)?.[image] ?? EMPTY);
  changed[changed.length >> 1] = (changed[changed.length >> 1] ?? 0) ^ 1;
  hub.tampered.set(image, changed);
  await expect(pullFoundation('tiny-clip')).rejects.toMatchObject({ code: 'download_checksum' });
  hub.tampered.clear();
  const stop = new AbortController();
  hub.stallAfter.set(text, 10_000);
  let before: number | undefined;
  const onProgress = ({ file, bytes }: PullProgress): void => {
    if (file !== text) return;
    before ??= bytes;
    if (bytes === before + 10_000) stop.abort(new Error('stopped'));
  };
  await expect(pullFoundation('tiny-clip', { signal: stop.signal, onProgress })).rejects.toThrow('stopped');
  await pullFoundation('tiny-clip');
  expect(hub.requests.some((request) => request.includes(`${text} bytes=10000-`))).toBe(true);
  await verifyFoundation({ name: 'tiny-clip' }, readFoundationConfig());
}

describe('heads for a foundation model that came from a hub', { timeout: 240_000 }, () => {
  let root: string;
  let data: string;
  let runs: string;
  let hub: HubServer;
  let foundation: InstalledFoundation;
  let bundle: string;
  const encoded = new Set<string>();
  const losses = new Map<string, { first: number; last: number }>();
  const training = () => ({ foundation, recipe: smoke, data, out: join(runs, 'tiny-clip'), limit: 60 });

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'undertone-train-foundation-'));
    data = join(root, 'data');
    runs = join(root, 'runs');
    await smokeDataset(data, { seed: 1, n: 140 });
    const quantised = { image: 'onnx/vision_model_quantized.onnx', text: 'onnx/text_model_quantized.onnx' };
    const { 'onnx/vision_model.onnx': image, 'onnx/text_model.onnx': text } = tinyClip({ seed: 2 });
    hub = await startHub({ ...tinyClip(), [quantised.image]: image ?? EMPTY, [quantised.text]: text ?? EMPTY });
    const entry = tinyClipEntry();
    const forms = tinyClipEntry({ variants: { ...entry.variants, int8: quantised } });
    writeFileSync(join(root, 'catalogue.json'), JSON.stringify({ format: 1, models: [forms] }));
    vi.stubEnv('UNDERTONE_MODELS_DIR', join(root, 'models'));
    vi.stubEnv('UNDERTONE_MODELS_CATALOGUE', join(root, 'catalogue.json'));
    vi.stubEnv('HF_ENDPOINT', hub.url);
    await pullOverABadLine(hub);
    foundation = findFoundation(join(root, 'models'), { name: 'tiny-clip' });
    bundle = await trainFoundation({
      ...training(),
      onEncoded: (what) => encoded.add(what),
      onProgress: (stage, { metrics: { sentiment = Number.NaN } }) =>
        losses.set(stage, { first: losses.get(stage)?.first ?? sentiment, last: sentiment }),
    });
  }, 240_000);

  afterAll(async () => {
    await hub.close();
    vi.unstubAllEnvs();
    rmSync(root, { recursive: true, force: true });
  });

  test('training lowers the loss of the heads and of both baselines', () => {
    expect([...encoded]).toEqual(['fer2013', 'goemotions', 'mosei', 'pairs']);
    expect(losses.size).toBe(3);
    for (const [stage, { first, last }] of losses) expect(last, stage).toBeLessThan(first);
  });

  test('the bundle names the model, and holds heads, calibration and figures beside both baselines', () => {
    const manifest = Manifest.parse(JSON.parse(readFileSync(join(bundle, 'manifest.json'), 'utf8')));
    const { name, revision, dimension } = foundation.manifest;
    expect(manifest).toMatchObject({ name: 'tiny-clip-heads', foundation: { name, revision }, dimension });
    expect(Object.keys(manifest.files).sort()).toEqual(['MODEL_CARD.md', 'heads.onnx']);
    expect(manifest.data.every(({ n }) => n > 0 && n <= 60)).toBe(true);
    expect(Object.keys(manifest.calibration)).toHaveLength(5);
    const composed = manifest.metrics.find(({ dataset }) => dataset === 'composed clips');
    expect(Object.keys(composed?.baseline ?? {}).some((key) => key.startsWith('zero_complete_'))).toBe(true);
    expect(readFileSync(join(bundle, 'MODEL_CARD.md'), 'utf8')).toContain('--foundation tiny-clip --recipe smoke');
  });

  test('the same command goes on from what is there, to the same weights', async () => {
    const before = readFileSync(join(bundle, 'heads.onnx'));
    const embeddings = join(runs, 'tiny-clip', 'heads.safetensors');
    const stamp = statSync(embeddings).mtimeMs;
    await trainFoundation(training());
    expect(readFileSync(join(bundle, 'heads.onnx'))).toEqual(before);
    expect(statSync(embeddings).mtimeMs).toBe(stamp);
  });

  test('another weight of a data set is another run', async () => {
    const recipe = { ...smoke, faces: [{ dataset: 'fer2013', weight: 2 }] };
    await expect(trainFoundation({ ...training(), recipe })).rejects.toMatchObject({ code: 'checkpoint_mismatch' });
  });

  test('another form of the weights is another run: neither its embeddings nor its heads are those of the first', async () => {
    await pullFoundation('tiny-clip', { variant: 'int8' });
    vi.stubEnv('UNDERTONE_MODELS_VARIANT', 'int8');
    const encoders = findFoundation(join(root, 'models'), { name: 'tiny-clip', variant: 'int8' });
    const again = trainFoundation({ ...training(), foundation: encoders });
    await expect(again).rejects.toMatchObject({ code: 'checkpoint_mismatch' });
    vi.stubEnv('UNDERTONE_MODELS_VARIANT', '');
  });

  test('heads before any training are marked so, and move embeddings across the gap of the data', async () => {
    const seen = await sampleGap(foundation, data, 40, () => {});
    const { dir, manifest } = await writeBootstrapBundle({ foundation, out: join(root, 'bootstrap'), seen });
    const gap = { images: 40, texts: 40 };
    expect(manifest.training).toMatchObject({ method: 'bootstrap', calibrated: false, gap });
    const { manifest: without } = await writeBootstrapBundle({ foundation, out: join(root, 'no-gap') });
    expect(without.training['gap']).toBe('none');
    expect(without.files['heads.onnx']).not.toBe(manifest.files['heads.onnx']);
    expect(manifest.calibration).toEqual({});
    expect(readFileSync(join(dir, 'MODEL_CARD.md'), 'utf8')).toContain('Nothing of it was measured or calibrated');
    const model = await loadLocalModel({ bundle: dir });
    try {
      const result = await evaluate({ model, dataset: 'mosei', data, split: 'valid' });
      expect(result.n).toBeGreaterThan(0);
      expect(result.metrics['MAE']).toBeTypeOf('number');
    } finally {
      await model.close();
    }
  });

  test('the gap is looked for in as many samples as asked for, and in those alone that can be read', async () => {
    const there = join(root, 'gap-data');
    cpSync(data, there, { recursive: true });
    const sizes = async (limit: number): Promise<number[]> => {
      const { images, texts } = await sampleGap(foundation, there, limit, () => {});
      return [images.length, texts.length];
    };
    expect(await sizes(5)).toEqual([5, 5]);
    renameSync(join(there, 'goemotions', 'train.tsv'), join(there, 'goemotions', 'test.tsv'));
    expect(await sizes(5)).toEqual([5, 5]);
    const images = join(there, 'faces-fer2013', 'images.bin');
    writeFileSync(images, new Uint8Array(statSync(images).size));
    const bad: string[] = [];
    const none = sampleGap(foundation, there, 5, ({ message }) => bad.push(message));
    await expect(none).rejects.toMatchObject({ code: 'data_not_found' });
    expect(bad).toHaveLength(5);
  });

  test('bundles of several foundation models are measured side by side on the same samples and losses', async () => {
    const bundles = [findBundle('undertone-compact'), bundleOfFoundation('tiny-clip', runs)];
    expect(bundles[1]).toBe(bundle);
    const missing = { text: 0.5 };
    const comparison = await compareBundles({ dataset: 'mosei', data, split: 'valid', seed: 4, bundles, missing });
    const { rows } = comparison;
    const tried = rows.map((row) => [row.foundation, row.missing]);
    expect(tried).toEqual([
      ['undertone-compact', {}],
      ['tiny-clip', {}],
      ['undertone-compact', missing],
      ['tiny-clip', missing],
    ]);
    const [whole, same, lost, alike] = rows.map(({ n }) => n);
    expect([same, alike]).toEqual([whole, lost]);
    expect(lost).toBeLessThan(whole ?? 0);
    const table = formatComparison(comparison);
    expect(table.split('\n')).toHaveLength(10);
    for (const [what, n] of [
      ['nothing', whole],
      ['text 50 %', lost],
    ])
      expect(table).toContain(`| trivial |  | ${what} | ${n} |`);
    expect(table).toContain('| tiny-clip | tiny-clip-heads 0.0.1 | text 50 % |');
  });

  test('its heads are trained further on what is prepared with them, and name the model as before', async () => {
    const model = await loadLocalModel({ bundle });
    const out = join(root, 'prepared');
    const decode = () => Promise.reject(new Error('there are no clips'));
    const { file } = await prepareData({ model, dataset: 'mosei', data, out, decode });
    await model.close();
    const run = { files: [file], bundle, name: 'mine', recipe: smoke, steps: 20, out: join(root, 'mine'), threads: 1 };
    const { manifest } = await readBundle(await trainPrepared(run));
    expect(manifest.foundation?.revision).toBe(foundation.manifest.revision);
    expect(Object.keys(manifest.files).sort()).toEqual(['MODEL_CARD.md', 'heads.onnx', 'trained-clips.txt']);
    expect(manifest.training['starts_from']).toBe('tiny-clip-heads@0.0.1');
    expect(manifest.metrics.map(({ missing, n }) => [missing, n > 0])).toEqual([
      ['none', true],
      ['video', true],
    ]);
  });

  test('no heads for a foundation model is an error that says how to get them', () => {
    expect(() => bundleOfFoundation('clip-vit-b32', runs)).toThrow(/train --foundation clip-vit-b32/);
  });

  test('a live session predicts with the trained heads when its captions are missing', async () => {
    const model = await loadModel({ bundle, provider: 'cpu', workers: 1, deadlineMs: 20_000 });
    const server = await startServer({ model, port: 0, logLevel: 'silent', closeGraceMs: 200 });
    const client = await connectTestClient('ws', server.url);
    try {
      client.send({ type: 'session.update', protocol: 1 });
      expect(await client.next('session.created')).toMatchObject({ bundle: { name: 'tiny-clip-heads' } });
      const picture = { create: { width: 64, height: 48, channels: 3, background: '#a06040' } } as const;
      const image = await sharp(picture).jpeg().toBuffer();
      for (let i = 0; i < 6; i++) client.sendBinary(encodeFrame({ seq: i, ptsMs: i * 250, image }));
      client.send({ type: 'finalize' });
      const result = await client.next(
        'sentiment.result',
        ({ modalities }) => modalities['video']?.source !== 'absent',
      );
      expect(result.modalities['text']?.source).toBe('virtual');
      expect(result.score).toBeTypeOf('number');
    } finally {
      client.leave();
      await server.close();
      await model.close();
    }
  });
});
