import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { cosine } from '../../../models/cosine.ts';
import { type LoadedModel, loadModel } from '../../../models/runtime/load-model.ts';
import { type LocalModel, loadLocalModel } from '../../../models/runtime/load-local-model.ts';
import type { BatchEvent } from '../../../models/runtime/runtime-events.ts';
import type { ImageInput, Prediction, WindowInput } from '../../../models/model.ts';
import { until } from '../../support/processes.ts';
import { writeTinyBundle } from '../../support/tiny-bundle.ts';
import { jpeg, rgb, text, windowOf } from './inputs.ts';

// Processes start many times slower on a machine that is busy.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const batches: BatchEvent[] = [];
let model: LoadedModel;
let local: LocalModel;

function onBatch(event: BatchEvent): void {
  batches.push(event);
}

beforeAll(async () => {
  const { dir } = await writeTinyBundle();
  model = await loadModel({
    bundle: dir,
    provider: 'cpu',
    workers: 1,
    deadlineMs: 10_000,
    batchTargetMs: 1000,
    onBatch,
  });
  local = await loadLocalModel({ bundle: dir, threads: 1 });
});

afterAll(async () => {
  await model.close();
  await local.close();
});

/** Holds the only worker still while calls queue up, then lets it go on. */
async function whileStopped(calls: () => Promise<unknown>[]): Promise<BatchEvent[]> {
  const pid = model.stats().workers[0]?.pid ?? 0;
  process.kill(pid, 'SIGSTOP');
  const first = model.encode('video', rgb(0));
  await until(() => model.stats().workers[0]?.state === 'busy', 'the first batch');
  const waiting = calls();
  process.kill(pid, 'SIGCONT');
  await first;
  batches.length = 0;
  await Promise.all(waiting);
  return [...batches];
}

describe('the model in processes', () => {
  it.skipIf(process.platform !== 'linux')('has the decoder of WebP and PNG loaded before the first batch', () => {
    expect(readFileSync(`/proc/${model.stats().workers[0]?.pid}/maps`, 'utf8')).toContain('libvips');
  });

  it('computes the newest input of a call that waited', async () => {
    const [given, came] = [rgb(1), rgb(2)];
    let newest: ImageInput | undefined;
    let found = new Float32Array(0);
    await whileStopped(() => {
      const waiting = model.encode('video', given, { newer: () => newest });
      newest = came;
      return [waiting.then(({ embedding }) => (found = Float32Array.from(embedding)))];
    });
    expect(cosine(found, (await local.encode('video', came)).embedding)).toBeCloseTo(1, 5);
    expect(cosine(found, (await local.encode('video', given)).embedding)).toBeLessThan(0.999);
    await expect(model.encode('video', given, { newer: () => text('words') })).rejects.toMatchObject({
      code: 'unknown_modality',
    });
  });

  it('computes what the local model does, whatever it is batched with', async () => {
    const images = await Promise.all([1, 2, 3, 4, 5, 6].map(jpeg));
    const texts = ['i am so happy', 'what a bad day', 'unheard words', '', 'very '.repeat(50)].map(text);
    const windows = [1, 2, 3, 4].map((seed) =>
      windowOf(model.info, seed, { video: [0, 2].slice(seed % 3), text: [0] }),
    );
    const pooled = await Promise.all([
      ...images.map((image) => model.encode('video', image)),
      ...texts.map((words) => model.encode('text', words)),
    ]);
    for (const [i, { embedding }] of pooled.entries()) {
      const image = images[i];
      const alone =
        image === undefined
          ? await local.encode('text', texts[i - images.length] ?? text('none'))
          : await local.encode('video', image);
      expect(cosine(embedding, alone.embedding)).toBeCloseTo(1, 5);
      expect(Math.hypot(...embedding)).toBeCloseTo(1, 5);
    }
    const predictions = await Promise.all(windows.map((window) => model.predict(window)));
    const expected = await local.predictBatch(windows);
    for (const [i, prediction] of predictions.entries()) {
      const same = expected[i];
      expect(prediction.score).toBeCloseTo(same?.score ?? Number.NaN, 5);
      expect(prediction.logVariance).toBeCloseTo(same?.logVariance ?? Number.NaN, 5);
      expect(prediction.sentimentLogits).toHaveLength(3);
      expect(prediction.emotionLogits).toHaveLength(model.info.emotions.length);
      expect(
        cosine(prediction.virtual['video'] ?? new Float32Array(), same?.virtual['video'] ?? new Float32Array()),
      ).toBeCloseTo(1, 5);
    }
  });

  it('tells the end of a long text from its beginning: the end is kept', async () => {
    const [end, sameEnd, sameStart] = await Promise.all(
      ['sad '.repeat(40) + 'happy '.repeat(20), 'happy '.repeat(20), 'sad '.repeat(40)].map((words) =>
        model.encode('text', text(words)),
      ),
    );
    const zero = new Float32Array();
    expect(cosine(end?.embedding ?? zero, sameEnd?.embedding ?? zero)).toBeCloseTo(1, 5);
    expect(cosine(end?.embedding ?? zero, sameStart?.embedding ?? zero)).toBeLessThan(0.99);
  });

  it('batches what came while it was busy, predictions before texts before images', async () => {
    const window = windowOf(model.info, 1, { text: [0] });
    const events = await whileStopped(() => [
      ...[1, 2, 3, 4, 5, 6].map((seed) => model.encode('video', rgb(seed))),
      ...['happy', 'sad', 'angry'].map((word) => model.encode('text', text(word))),
      ...[1, 2, 3, 4, 5].map(() => model.predict(window)),
    ]);
    expect(events.map(({ lane, size }) => [lane, size])).toEqual([
      ['predict', 5],
      ['text', 3],
      ['video', 6],
    ]);
    expect(events.every(({ queueMs, computeMs, ok }) => queueMs > 0 && computeMs > 0 && ok)).toBe(true);
  });

  it('keeps the windows of one moment in one batch, whatever else waits', async () => {
    const groups = [
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ].map((seeds) => seeds.map((seed) => windowOf(model.info, seed, { video: [0], text: [0] })));
    const got: Promise<readonly Prediction[]>[] = [];
    const predictBatch = (windows: readonly WindowInput[]) => model.predictBatch(windows);
    const events = await whileStopped(() => {
      const calls = [model.predict(windowOf(model.info, 9, { text: [0] })), ...groups.map(predictBatch)];
      got.push(...groups.map(predictBatch));
      return [...calls, ...got];
    });
    expect(events.reduce((sum, { size }) => sum + size, 0)).toBe(17);
    expect(events.every(({ size }) => size % 4 <= 1)).toBe(true);
    for (const [i, predictions] of (await Promise.all(got)).entries()) {
      const expected = await local.predictBatch(groups[i] ?? []);
      expect(predictions).toHaveLength(4);
      for (const [j, { score }] of predictions.entries())
        expect(score).toBeCloseTo(expected[j]?.score ?? Number.NaN, 5);
    }
    expect(await model.predictBatch([])).toEqual([]);
  });

  it('rejects only the images at fault in a batch', async () => {
    const good = await jpeg(1);
    const bytes = good.kind === 'image' ? good.bytes : new Uint8Array();
    const huge = Uint8Array.from(bytes);
    const header = huge.findIndex((byte, i) => byte === 0xff && huge[i + 1] === 0xc0);
    huge.set([0x20, 0x00, 0x20, 0x00], header + 5);
    const inputs = [
      good,
      { kind: 'image', bytes: bytes.subarray(0, bytes.length / 2) },
      { kind: 'image', bytes: new TextEncoder().encode('GIF89a not taken') },
      { kind: 'image', bytes: huge },
      { kind: 'rgb', width: 8, height: 8, data: new Uint8Array(5) },
      await jpeg(2),
    ] as const;
    const results = await Promise.allSettled(inputs.map((input) => model.encode('video', input)));
    expect(results.map((result) => (result.status === 'rejected' ? result.reason.code : 'ok'))).toEqual([
      'ok',
      'image_corrupt',
      'image_format',
      'image_too_large',
      'image_corrupt',
      'ok',
    ]);
  });

  it.each([
    ['an unknown modality', 'unknown_modality', () => model.encode('audio', text('a'))],
    ['text for images', 'unknown_modality', () => model.encode('video', text('a'))],
    ['an image for text', 'unknown_modality', () => model.encode('text', rgb(1))],
    ['a window with nothing observed', 'bad_window', () => model.predict(windowOf(model.info, 1, {}))],
    ['a window without a modality', 'bad_window', () => model.predict({})],
  ])('rejects %s', async (_name, code, call) => {
    await expect(call()).rejects.toMatchObject({ code });
  });

  it('describes itself', () => {
    expect(model.info).toMatchObject({
      name: 'tiny',
      version: '1.0.0',
      dimension: 16,
      modalities: [
        { name: 'video', kind: 'image', slots: 4, image: { size: 32, fit: 'cover', filter: 'area' } },
        { name: 'text', kind: 'text', slots: 1 },
      ],
      device: { provider: 'cpu', workers: 1 },
    });
    expect(model.stats().lanes.map(({ lane }) => lane)).toEqual(['predict', 'text', 'video']);
  });
});

describe('the local model', () => {
  it('encodes in bulk what it encodes alone, and tells which images are at fault', async () => {
    const images = Array.from({ length: 130 }, (_, i) => rgb(i));
    images[129] = { kind: 'image', bytes: new Uint8Array(3) };
    const { embeddings, failures } = await local.encodeImages('video', images);
    expect(failures).toMatchObject([{ index: 129, error: { code: 'image_format' } }]);
    expect([...embeddings.subarray(129 * 16)]).toEqual(Array.from({ length: 16 }, () => 0));
    const alone = await local.encode('video', rgb(128));
    expect(cosine(alone.embedding, embeddings.subarray(128 * 16, 129 * 16))).toBeCloseTo(1, 5);
  });

  it('encodes pixels that are fitted already', async () => {
    const images = Array.from({ length: 131 }, (_, i) => rgb(i));
    const pixels = Uint8Array.from(images.flatMap((image) => (image.kind === 'rgb' ? [...image.data] : [])));
    const encoded = await local.encodePixels('video', pixels, images.length);
    expect([...encoded]).toEqual([...(await local.encodeImages('video', images)).embeddings]);
  });

  it('ends a call between two batches, with the reason of the signal', async () => {
    const stop = new AbortController();
    const { dir } = await writeTinyBundle();
    const stopped = await loadLocalModel({ bundle: dir, threads: 1, signal: stop.signal });
    await stopped.encodeTexts('text', ['happy']);
    // More texts than are encoded at once: it is told while the first are.
    const encoding = stopped.encodeTexts(
      'text',
      Array.from({ length: 300 }, () => 'happy'),
    );
    setImmediate(() => stop.abort(new Error('enough')));
    await expect(encoding).rejects.toThrow('enough');
    await expect(loadLocalModel({ bundle: dir, signal: stop.signal })).rejects.toThrow('enough');
    await stopped.close();
  });

  it('refuses calls once closed', async () => {
    const other = await loadLocalModel({ bundle: (await writeTinyBundle()).dir, threads: 1 });
    await other.close();
    await other.close();
    await expect(other.encode('text', text('happy'))).rejects.toMatchObject({ code: 'model_closed' });
  });
});
