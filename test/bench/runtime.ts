import sharp from 'sharp';
import type { ImageInput, ModelInfo } from '../../models/model.ts';
import { random } from '../../models/random.ts';
import { loadLocalModel } from '../../models/runtime/load-local-model.ts';
import { type LoadedModel, loadModel } from '../../models/runtime/load-model.ts';
import { median } from './numbers.ts';

export interface RuntimeBenchOptions {
  /** Bundle to measure: name, name@version or folder. */
  readonly bundle: string;
  /** Batch sizes of the raw encoder. */
  readonly batchSizes?: readonly number[];
  /** Measuring time of every number, and how often each is measured; the medians count. */
  readonly measureMs?: number;
  readonly rounds?: number;
  /** Inputs that wait or run at once in the pool. */
  readonly inFlight?: number;
}

export interface PoolMeasure {
  readonly framesPerSecond: number;
  /** Of the best raw throughput in the same run. */
  readonly ofRaw: number;
  /** CPU of this process, outside the inference process. */
  readonly parentCpuMsPerFrame: number;
  readonly meanBatch: number;
}

export interface RuntimeBench {
  readonly bundle: string;
  readonly modality: string;
  readonly rawFramesPerSecond: Readonly<Record<string, number>>;
  readonly bestRawFramesPerSecond: number;
  /** Through one inference process: the encoder's own pixels, and JPEG files of that size that it decodes. */
  readonly pool: { readonly pixels: PoolMeasure; readonly jpeg: PoolMeasure };
}

/**
 * Throughput of a bundle's first image encoder on one thread: onnxruntime alone, and through an inference process fed with
 * as many frames as it takes. Raw and pooled rounds alternate, so that a busy machine slows both.
 */
export async function measureRuntime(options: RuntimeBenchOptions): Promise<RuntimeBench> {
  const { bundle, batchSizes = [1, 4, 8, 16, 32], measureMs = 1000, rounds = 3, inFlight = 96 } = options;
  const local = await loadLocalModel({ bundle, threads: 1 });
  const batches: number[] = [];
  const model = await loadModel({
    bundle,
    provider: 'cpu',
    workers: 1,
    deadlineMs: 60_000,
    onBatch: ({ kind, size }) => {
      if (kind === 'image') batches.push(size);
    },
  });
  try {
    const { name: modality, image } = firstImageModality(model.info);
    const pixels = randomImage(image.size, 0);
    const jpeg = await asJpeg(pixels);
    const raw = new Map(batchSizes.map((size): [number, number[]] => [size, []]));
    const pooled = { pixels: [] as PoolRound[], jpeg: [] as PoolRound[] };
    for (let round = 0; round < rounds; round++) {
      for (const [size, found] of raw) {
        const data = new Uint8Array(size * pixels.data.length).map((_, i) => pixels.data[i % pixels.data.length] ?? 0);
        found.push(await rate(measureMs / batchSizes.length, size, () => local.encodePixels(modality, data, size)));
      }
      for (const [kind, input] of [['pixels', pixels] as const, ['jpeg', jpeg] as const]) {
        batches.length = 0;
        const measured = await poolRound(model, modality, input, inFlight, measureMs);
        pooled[kind].push({ ...measured, meanBatch: measured.frames / Math.max(1, batches.length) });
      }
    }
    const rawRates = [...raw].map(([size, found]) => [String(size), median(found)] as const);
    const best = Math.max(...rawRates.map(([, found]) => found));
    return {
      bundle: `${model.info.name}@${model.info.version}`,
      modality,
      rawFramesPerSecond: Object.fromEntries(rawRates),
      bestRawFramesPerSecond: best,
      pool: { pixels: summarise(pooled.pixels, best), jpeg: summarise(pooled.jpeg, best) },
    };
  } finally {
    await model.close();
    await local.close();
  }
}

interface PoolRound {
  readonly frames: number;
  readonly seconds: number;
  readonly cpuMs: number;
  readonly meanBatch: number;
}

/** Keeps `inFlight` calls going for a time. */
async function poolRound(
  model: LoadedModel,
  modality: string,
  input: ImageInput,
  inFlight: number,
  measureMs: number,
): Promise<Omit<PoolRound, 'meanBatch'>> {
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  const frames = await keepGoing(inFlight, measureMs, () => model.encode(modality, input));
  const { user, system } = process.cpuUsage(cpu);
  return { frames, seconds: (performance.now() - startedMs) / 1000, cpuMs: (user + system) / 1000 };
}

async function keepGoing(inFlight: number, measureMs: number, call: () => Promise<unknown>): Promise<number> {
  const endMs = performance.now() + measureMs;
  let count = 0;
  const one = async (): Promise<void> => {
    while (performance.now() < endMs) {
      await call();
      count++;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, one));
  return count;
}

async function rate(measureMs: number, size: number, call: () => Promise<unknown>): Promise<number> {
  await call();
  const startedMs = performance.now();
  let count = 0;
  while (performance.now() - startedMs < measureMs) {
    await call();
    count += size;
  }
  return (count * 1000) / (performance.now() - startedMs);
}

function summarise(rounds: readonly PoolRound[], best: number): PoolMeasure {
  const framesPerSecond = median(rounds.map(({ frames, seconds }) => frames / seconds));
  return {
    framesPerSecond,
    ofRaw: framesPerSecond / best,
    parentCpuMsPerFrame: median(rounds.map(({ frames, cpuMs }) => cpuMs / frames)),
    meanBatch: median(rounds.map(({ meanBatch }) => meanBatch)),
  };
}

function firstImageModality({ modalities }: ModelInfo): { name: string; image: { size: number } } {
  for (const { name, image } of modalities) if (image !== undefined) return { name, image };
  throw new Error('the bundle encodes no images');
}

/** Smooth noise, as compressible as a picture. */
function randomImage(side: number, seed: number): Extract<ImageInput, { kind: 'rgb' }> {
  const draw = random('bench', seed);
  const waves = Array.from({ length: 6 }, () => [draw.uniform() / 8, draw.uniform() / 8, draw.uniform() * 6] as const);
  const data = new Uint8Array(side * side * 3);
  for (let i = 0; i < data.length; i++) {
    const pixel = Math.floor(i / 3);
    const [x, y] = [pixel % side, Math.floor(pixel / side)];
    const value = waves.reduce((sum, [a, b, phase]) => sum + Math.sin(a * x + b * y + phase + (i % 3)), 0);
    data[i] = 128 + 20 * value;
  }
  return { kind: 'rgb', width: side, height: side, data };
}

async function asJpeg({ data, width, height }: Extract<ImageInput, { kind: 'rgb' }>): Promise<ImageInput> {
  const bytes = await sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 80 })
    .toBuffer();
  return { kind: 'image', bytes };
}
