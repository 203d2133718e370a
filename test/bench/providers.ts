import type { Bundle } from '../../models/bundle/bundle.ts';
import { compareEmbeddings } from '../../models/foundation/rewrite/compare-embeddings.ts';
import type { DeviceInfo } from '../../models/model.ts';
import { providerReports } from '../../models/runtime/choose-provider.ts';
import { deviceName } from '../../models/runtime/device-name.ts';
import { type BenchChild, startChild } from './child.ts';
import { withVitBundle } from './vit-bundle.ts';

type Provider = DeviceInfo['provider'];

/** By batch size; a size is left out after one whose run takes longer than a second. */
export type ByBatch = Readonly<Record<string, number>>;

/** onnxruntime alone on one provider: the processor's is one thread. */
export interface ProviderMeasure {
  readonly provider: Provider;
  readonly device: string;
  /** The bundle's encoders. */
  readonly framesPerS: ByBatch;
  readonly textsPerS: ByBatch;
  /** Microseconds a window, text missing: one virtual embedding and the task head. */
  readonly headsMicros: ByBatch;
  /** An image encoder of CLIP ViT-B/32's size, float32, random weights. */
  readonly vitFramesPerS: ByBatch;
  /** Beside the processor, on the same inputs: the least cosine of an embedding, the greatest difference of a score. */
  readonly leastCosine: number;
  readonly greatestScoreDifference: number;
}

export interface ProvidersOptions {
  readonly bundle: Bundle;
  readonly core: number | null;
  readonly batchSizes: readonly number[];
  /** Time of every number, in milliseconds. */
  readonly ms: number;
  readonly note: (text: string) => void;
}

/** A driver compiles its shaders in the first run. */
const ASK_MS = 180_000;
const LONGEST_RUN_S = 1;
const CHECKED = 8;

interface Outputs {
  readonly embeddings: Float32Array;
  readonly score: Float32Array;
}

/** Encoders and heads on the processor and on every real GPU that runs here, at each batch size. */
export async function measureProviders(options: ProvidersOptions): Promise<ProviderMeasure[]> {
  const { bundle, note } = options;
  const providers = (await providerReports())
    .filter(({ available, emulated }) => available && emulated !== true)
    .map(({ provider }) => provider);
  return withVitBundle('float32', async (vit) => {
    const measured: ProviderMeasure[] = [];
    let onCpu: Outputs | undefined;
    for (const provider of providers) {
      note(`encoders and heads on ${provider}`);
      const ask = { ...options, provider };
      const { outputs, ...own } = await onProvider(ask, bundle.dir, async (child) => ({
        framesPerS: await byBatch(child, 'encoder', ask),
        textsPerS: await byBatch(child, 'text', ask),
        headsMicros: await headsByBatch(child, ask),
        outputs: await child.ask<Outputs>('outputs', { batch: CHECKED }, ASK_MS),
      }));
      onCpu ??= outputs;
      const vitFramesPerS = await onProvider(ask, vit.dir, (child) => byBatch(child, 'encoder', ask));
      measured.push({ provider, device: deviceName(provider), ...own, vitFramesPerS, ...compare(onCpu, outputs) });
    }
    return measured;
  });
}

type Ask = ProvidersOptions & { readonly provider: Provider };

async function onProvider<T>({ provider, core }: Ask, dir: string, use: (child: BenchChild) => Promise<T>): Promise<T> {
  const child = startChild('raw-entry', core, { dir, provider });
  try {
    return await use(child);
  } finally {
    await child.stop();
  }
}

async function byBatch(child: BenchChild, op: 'encoder' | 'text', { batchSizes, ms }: Ask): Promise<ByBatch> {
  const ask = { batchSizes, ms, longestRunS: LONGEST_RUN_S };
  return Object.fromEntries(await child.ask<[number, number][]>(op, ask, ASK_MS));
}

async function headsByBatch(child: BenchChild, { batchSizes, ms }: Ask): Promise<ByBatch> {
  const micros: Record<string, number> = {};
  for (const batch of batchSizes) micros[batch] = await child.ask<number>('heads', { batch, ms }, ASK_MS);
  return micros;
}

function compare(wanted: Outputs, got: Outputs): Pick<ProviderMeasure, 'leastCosine' | 'greatestScoreDifference'> {
  return {
    leastCosine: compareEmbeddings(wanted.embeddings, got.embeddings, CHECKED).min,
    greatestScoreDifference: Math.max(...wanted.score.map((x, i) => Math.abs(x - (got.score[i] ?? Number.NaN)))),
  };
}
