import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { availableMemory } from '../../../models/runtime/available-memory.ts';
import { loadModel } from '../../../models/runtime/load-model.ts';
import { modelBytes } from '../../../models/runtime/model-bytes.ts';
import type { RuntimeEvent } from '../../../models/runtime/runtime-events.ts';
import { workersThatFit } from '../../../models/runtime/workers-that-fit.ts';
import { writeTinyBundle } from '../../support/tiny-bundle.ts';

// Processes start many times slower on a machine that is busy.
vi.setConfig({ testTimeout: 90_000 });

const MIB = 2 ** 20;
const GIB = 2 ** 30;

describe('workersThatFit', () => {
  it.each([
    { name: 'the bundled model on a laptop', cores: 8, availableBytes: 3 * GIB, modelBytes: 9 * MIB, workers: 8 },
    { name: 'the bundled model on a server', cores: 64, availableBytes: 16 * GIB, modelBytes: 9 * MIB, workers: 64 },
    { name: 'the bundled model in a small container', cores: 8, availableBytes: GIB, modelBytes: 9 * MIB, workers: 6 },
    { name: 'a large model on a server', cores: 64, availableBytes: 100 * GIB, modelBytes: 1.6 * GIB, workers: 29 },
    {
      name: 'a large model on a large server',
      cores: 16,
      availableBytes: 200 * GIB,
      modelBytes: 1.6 * GIB,
      workers: 16,
    },
    { name: 'a model that is larger than the memory', cores: 4, availableBytes: GIB, modelBytes: 2 * GIB, workers: 1 },
    { name: 'a limit that is used up', cores: 4, availableBytes: -1, modelBytes: MIB, workers: 1 },
  ])('$name', ({ cores, availableBytes, modelBytes: bytes, workers }) => {
    expect(workersThatFit({ cores, availableBytes, modelBytes: bytes })).toBe(workers);
  });
});

describe('availableMemory', () => {
  it.skipIf(process.platform === 'darwin')('is what is free, and no more than a container has left', () => {
    const limit = vi.spyOn(process, 'constrainedMemory').mockReturnValue(0);
    onTestFinished(() => limit.mockRestore());
    const isFree = availableMemory() / freemem();
    expect(isFree).toBeGreaterThan(0.8);
    expect(isFree).toBeLessThan(1.25);
    limit.mockReturnValue(process.memoryUsage.rss() + 100);
    expect(availableMemory()).toBeLessThan(freemem() / 2);
  });
});

describe('modelBytes', () => {
  it('counts the graphs in use and what belongs to them', async () => {
    const bundle = await writeTinyBundle();
    const sizes = Object.keys(bundle.manifest.files).map((file) => statSync(join(bundle.dir, file)).size);
    const own = sizes.reduce((sum, size) => sum + size, 0);
    expect(await modelBytes(bundle)).toBe(own);

    const dir = mkdtempSync(join(tmpdir(), 'undertone-encoders-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    mkdirSync(join(dir, 'onnx'));
    const files = {
      'onnx/vision.onnx': 1,
      'onnx/vision.onnx_data': 10,
      'onnx/vision.rewritten.onnx': 100,
      'onnx/text.onnx': 1000,
      'onnx/text.onnx_data': 10_000,
      'onnx/text.weight': 100_000,
    };
    for (const [file, bytes] of Object.entries(files)) writeFileSync(join(dir, file), new Uint8Array(bytes));
    const modalities = bundle.manifest.modalities.map((modality) => {
      const file = modality.kind === 'image' ? 'onnx/vision.rewritten.onnx' : 'onnx/text.onnx';
      return { ...modality, encoder: { ...modality.encoder, file } } as typeof modality;
    });
    const manifest = { ...bundle.manifest, modalities, files: { 'heads.onnx': '' } };
    const heads = statSync(join(bundle.dir, 'heads.onnx')).size;
    const names = Object.fromEntries(Object.keys(files).map((file) => [file, '']));
    expect(await modelBytes({ ...bundle, manifest, encoders: { dir, files: names } })).toBe(heads + 111_100);
  });
});

describe('a model whose number of processes nobody set', () => {
  it('has no more of them than fit into memory, and says so', async () => {
    const events: RuntimeEvent[] = [];
    const { dir } = await writeTinyBundle();
    const model = await loadModel({
      bundle: dir,
      provider: 'cpu',
      workers: 0,
      memory: () => 0,
      onEvent: (event) => events.push(event),
    });
    onTestFinished(() => model.close());
    expect(model.info.device.workers).toBe(1);
    expect(model.stats().workers).toHaveLength(1);
    const told = events.flatMap((event) => (event.type === 'notice' ? [event.code] : []));
    expect(told).toEqual(availableParallelism() === 1 ? [] : ['workers_limited']);
  });

  it('has as many as somebody says', async () => {
    const { dir } = await writeTinyBundle();
    const model = await loadModel({ bundle: dir, provider: 'cpu', workers: 2, memory: () => 0 });
    onTestFinished(() => model.close());
    expect(model.stats().workers).toHaveLength(2);
  });
});

describe('a process that is killed while it loads', () => {
  it('says what to do where memory ran out', async () => {
    const { dir } = await writeTinyBundle();
    const program = ['-e', "process.kill(process.pid, 'SIGKILL')"];
    await expect(loadModel({ bundle: dir, provider: 'cpu', workers: 1, program })).rejects.toMatchObject({
      code: 'inference_crashed',
      message: expect.stringMatching(/SIGKILL.*--workers/),
    });
  });
});
