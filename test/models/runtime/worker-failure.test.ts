import { execFile, spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Manifest } from '../../../models/bundle/manifest.ts';
import { writeBundle } from '../../../models/bundle/write-bundle.ts';
import { type LoadModelOptions, type LoadedModel, loadModel } from '../../../models/runtime/load-model.ts';
import { InferencePool } from '../../../models/runtime/inference-pool.ts';
import { textLane } from '../../../models/runtime/lane.ts';
import type { RuntimeEvent } from '../../../models/runtime/runtime-events.ts';
import { isAlive, until } from '../../support/processes.ts';
import { writeTinyBundle } from '../../support/tiny-bundle.ts';
import { rgb, text, windowOf } from './inputs.ts';

// Starting a process takes a fraction of a second, and many times that on a machine that is busy.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

type Provider = 'cpu' | 'cuda';

const bundle = await writeTinyBundle();
const open: LoadedModel[] = [];
const events: RuntimeEvent[] = [];

async function load(options: LoadModelOptions = {}): Promise<LoadedModel> {
  const model = await loadModel({
    bundle: bundle.dir,
    provider: 'cpu',
    workers: 1,
    deadlineMs: 20_000,
    maxWaitMs: 60_000,
    onEvent: (event) => events.push(event),
    ...options,
  });
  open.push(model);
  return model;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((model) => model.close()));
  events.length = 0;
});

function pids(model: LoadedModel): number[] {
  return model.stats().workers.map(({ pid }) => pid ?? 0);
}

function codes(results: readonly PromiseSettledResult<unknown>[]): string[] {
  return results.map((result) => (result.status === 'rejected' ? result.reason.code : 'ok'));
}

async function allIdle(model: LoadedModel): Promise<void> {
  await until(() => model.stats().workers.every(({ state }) => state === 'idle'), 'idle workers');
}

describe('a process that ends', () => {
  it('loses its own calls and no others, and is replaced', async () => {
    const model = await load({ workers: 2 });
    const [first = 0, second = 0] = pids(model);
    process.kill(first, 'SIGSTOP');
    const lost = model.encode('video', rgb(1));
    await until(() => model.stats().workers[0]?.state === 'busy', 'a batch on the stopped process');
    const others = [2, 3, 4].map((seed) => model.encode('video', rgb(seed)));
    process.kill(first, 'SIGKILL');
    expect(codes(await Promise.allSettled([lost, ...others]))).toEqual(['inference_crashed', 'ok', 'ok', 'ok']);
    await allIdle(model);
    expect(pids(model)[0]).not.toBe(first);
    expect(pids(model)[1]).toBe(second);
    expect(model.stats().workers.map(({ restarts }) => restarts)).toEqual([1, 0]);
    expect(events.map(({ type }) => type)).toContain('worker_ended');
    await expect(model.encode('text', text('happy'))).resolves.toBeDefined();
  });

  it('is replaced while idle too, and calls wait for the next one', async () => {
    const model = await load();
    process.kill(pids(model)[0] ?? 0, 'SIGKILL');
    await until(() => model.stats().workers[0]?.state !== 'idle', 'the end of the process');
    await expect(model.predict(windowOf(model.info, 1, { text: [0] }))).resolves.toBeDefined();
  });

  it('is not replaced by one with other files: their checksums are verified again', async () => {
    const { dir } = await writeTinyBundle();
    const model = await load({ bundle: dir, maxWaitMs: 400 });
    appendFileSync(join(dir, 'heads.onnx'), 'x');
    process.kill(pids(model)[0] ?? 0, 'SIGKILL');
    await until(
      () => events.some((event) => event.type === 'worker_ended' && event.code === 'bundle_checksum'),
      'a refusal',
    );
    await expect(model.encode('text', text('happy'))).rejects.toMatchObject({ code: 'inference_timeout' });
  });
});

describe('a process that hangs', () => {
  it('is killed at the deadline; its calls reject, and another serves the next', async () => {
    const model = await load({ deadlineMs: 1500 });
    const [pid = 0] = pids(model);
    process.kill(pid, 'SIGSTOP');
    const lost = model.encode('video', rgb(1));
    await until(() => model.stats().workers[0]?.state === 'busy', 'a batch on the stopped process');
    expect(codes(await Promise.allSettled([lost]))).toEqual(['inference_timeout']);
    // On a machine that is busy enough the next process may miss so short a deadline too.
    let served: unknown;
    while (served === undefined) served = await model.encode('video', rgb(2)).catch(() => undefined);
    expect(served).toMatchObject({ embedding: expect.any(Float32Array) });
    await until(() => !isAlive(pid), 'the end of the stopped process');
  });
});

const ONE_WORKER = {
  workers: 1,
  deadlineMs: 10_000,
  loadDeadlineMs: 60_000,
  maxWaitMs: 60_000,
  maxQueue: 10,
  maxBatch: 10,
  batchTargetMs: 25,
};

describe('a GPU that is lost', () => {
  it('is given up for the processor after a few ends, and calls go on', async () => {
    const spec = { dir: bundle.dir, manifest: bundle.manifest, provider: 'cpu' as Provider, threads: 1 };
    const fallbacks: RuntimeEvent[] = [];
    const learnt: (number | undefined)[] = [];
    const pool = new InferencePool({
      spec,
      ...ONE_WORKER,
      onEvent: (event) => {
        if (event.type !== 'provider_fallback') return;
        fallbacks.push(event);
        learnt.push(pool.stats.lanes[0]?.msPerInput);
      },
    });
    const encode = pool.addLane(textLane('text', bundle.manifest.dimension));
    await pool.open();
    await encode(text('happy'));
    expect(pool.stats.lanes[0]?.msPerInput).toBeGreaterThan(0);
    // The next process finds a provider that is not there, as after a lost device.
    spec.provider = 'cuda';
    process.kill(pool.stats.workers[0]?.pid ?? 0, 'SIGKILL');
    await until(() => pool.stats.workers[0]?.state !== 'idle', 'the end of the process');
    await expect(encode(text('happy'))).resolves.toBeDefined();
    expect(pool.stats.workers[0]?.provider).toBe('cpu');
    expect(fallbacks).toMatchObject([{ from: 'cuda' }]);
    // What an input takes on the GPU says nothing of the processor.
    expect(learnt).toEqual([undefined]);
    await pool.close();
  });
});

describe('processes that are added', () => {
  it('and cannot start are told of and left out; the others serve', async () => {
    const spec = { dir: bundle.dir, manifest: bundle.manifest, provider: 'cpu' as Provider, threads: 1 };
    const pool = new InferencePool({
      spec,
      ...ONE_WORKER,
      onEvent: (event) => events.push(event),
    });
    onTestFinished(() => pool.close());
    const encode = pool.addLane(textLane('text', bundle.manifest.dimension));
    await pool.open();
    spec.dir = join(bundle.dir, 'gone');
    pool.grow(2);
    expect(pool.device.workers).toBe(2);
    await until(() => pool.device.workers === 1, 'the end of the second');
    expect(events).toMatchObject([{ type: 'worker_started' }, { type: 'worker_ended', code: 'bundle_checksum' }]);
    await expect(encode(text('happy'))).resolves.toBeDefined();
  });
});

describe('the bounds', () => {
  it('rejects what overflows a queue of one kind, and serves the rest', async () => {
    const model = await load({ maxQueue: 3 });
    const [pid = 0] = pids(model);
    process.kill(pid, 'SIGSTOP');
    const first = model.encode('video', rgb(0));
    await until(() => model.stats().workers[0]?.state === 'busy', 'a batch on the stopped process');
    const images = [1, 2, 3, 4, 5].map((seed) => model.encode('video', rgb(seed)));
    const words = model.encode('text', text('happy'));
    process.kill(pid, 'SIGCONT');
    expect(codes(await Promise.allSettled([first, ...images, words]))).toEqual([
      'ok',
      'ok',
      'ok',
      'ok',
      'inference_overloaded',
      'inference_overloaded',
      'ok',
    ]);
  });
});

describe('close', () => {
  it('ends every process, rejects what is pending, and may be called twice', async () => {
    const model = await load({ workers: 2 });
    const running = pids(model);
    for (const pid of running) process.kill(pid, 'SIGSTOP');
    const pending = [1, 2, 3, 4].map((seed) => model.encode('video', rgb(seed)));
    await until(() => model.stats().workers.every(({ state }) => state === 'busy'), 'batches on both');
    const settled = Promise.allSettled(pending);
    await Promise.all([model.close(), model.close()]);
    expect(codes(await settled)).toEqual(['model_closed', 'model_closed', 'model_closed', 'model_closed']);
    expect(running.filter(isAlive)).toEqual([]);
    await expect(model.encode('text', text('happy'))).rejects.toMatchObject({ code: 'model_closed' });
  });

  it('ends a process that is just being started again', async () => {
    const model = await load();
    process.kill(pids(model)[0] ?? 0, 'SIGKILL');
    await until(() => model.stats().workers[0]?.state === 'starting', 'the next process');
    const [next = 0] = pids(model);
    await model.close();
    expect(isAlive(next)).toBe(false);
  });
});

describe('a parent that dies', () => {
  /** A program that runs two inference processes. */
  async function startParent(args: readonly string[] = [], env: Record<string, string> = {}) {
    const program = fileURLToPath(new URL('parent-program.ts', import.meta.url));
    const tsx = createRequire(import.meta.url).resolve('tsx');
    const parent = spawn(process.execPath, ['--import', tsx, program, bundle.dir, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
    const children = await new Promise<number[]>((resolve) => {
      parent.stdout.setEncoding('utf8').on('data', (line: string) => resolve(JSON.parse(line)));
    });
    expect(children.filter(isAlive)).toHaveLength(2);
    return { parent, children };
  }

  it('takes its processes with it', async () => {
    const { parent, children } = await startParent();
    parent.kill('SIGKILL');
    await expect.poll(() => children.filter(isAlive), { timeout: 60_000 }).toEqual([]);
  });

  it.skipIf(process.platform !== 'linux')('takes those with it that are stopped', async () => {
    const { parent, children } = await startParent();
    for (const pid of children) process.kill(pid, 'SIGSTOP');
    parent.kill('SIGKILL');
    try {
      await expect.poll(() => children.filter(isAlive), { timeout: 20_000 }).toEqual([]);
    } finally {
      for (const pid of children.filter(isAlive)) process.kill(pid, 'SIGKILL');
    }
  });

  it.skipIf(process.platform === 'win32')('takes those with it that hang', async () => {
    const marks = mkdtempSync(join(tmpdir(), 'undertone-hang-'));
    const { parent, children } = await startParent([new URL('hang-when-told.mjs', import.meta.url).href], {
      MARKS: marks,
    });
    for (const pid of children) process.kill(pid, 'SIGUSR2');
    try {
      await until(() => readdirSync(marks).length === children.length, 'processes that hang');
      parent.kill('SIGKILL');
      await expect.poll(() => children.filter(isAlive), { timeout: 20_000 }).toEqual([]);
    } finally {
      for (const pid of children.filter(isAlive)) process.kill(pid, 'SIGKILL');
      rmSync(marks, { recursive: true });
    }
  });
});

describe('a machine without a free file descriptor', () => {
  it('starts no process, says so, and loses nothing else', async () => {
    const program = fileURLToPath(new URL('no-descriptors-program.ts', import.meta.url));
    const tsx = createRequire(import.meta.url).resolve('tsx');
    const shell = 'ulimit -n 128; exec "$0" --import "$1" "$2"';
    const { stdout } = await promisify(execFile)('sh', ['-c', shell, process.execPath, tsx, program]);
    expect(JSON.parse(stdout)).toEqual({
      started: 'inference_crashed',
      available: false,
      reason: expect.stringContaining('EMFILE'),
    });
  });
});

describe('a model that does not load', () => {
  const files = {
    'image.onnx': { path: join(bundle.dir, 'image.onnx') },
    'text.onnx': { path: join(bundle.dir, 'text.onnx') },
    'heads.onnx': { path: join(bundle.dir, 'heads.onnx') },
    'tokenizer.json': { path: join(bundle.dir, 'tokenizer.json') },
  };
  const { files: _checksums, ...manifest } = bundle.manifest;
  const otherOutput = structuredClone(manifest);
  for (const modality of otherOutput.modalities) modality.encoder.output = 'nothing';

  const cases: [string, string, Omit<Manifest, 'files'>, Record<string, unknown>][] = [
    ['no ONNX', 'model_unreadable', manifest, { 'image.onnx': 'not a model' }],
    ['no tokenizer', 'tokenizer_invalid', manifest, { 'tokenizer.json': '[]' }],
    ['other outputs', 'model_unreadable', otherOutput, {}],
  ];
  it.each(cases)('rejects with the reason and leaves no process: %s', async (_name, code, changed, replaced) => {
    const folder = mkdtempSync(join(tmpdir(), 'undertone-broken-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const dir = join(folder, '1.0.0');
    await writeBundle(dir, changed, { ...files, ...(replaced as Record<string, string>) });
    await expect(load({ bundle: dir })).rejects.toMatchObject({ code });
    expect(events.filter(({ type }) => type === 'worker_started')).toEqual([]);
  });

  it('verifies before it starts anything', async () => {
    const { dir } = await writeTinyBundle();
    writeFileSync(join(dir, 'image.onnx'), 'tampered');
    await expect(load({ bundle: dir })).rejects.toMatchObject({ code: 'bundle_checksum' });
    expect(events).toEqual([]);
  });
});
