import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageEncoder, Manifest } from '../../models/bundle/manifest.ts';
import { readBundle } from '../../models/bundle/read-bundle.ts';
import { loadTokenizer } from '../../models/encoders/tokenizer.ts';
import type { DeviceInfo } from '../../models/model.ts';
import { outputFloats } from '../../models/runtime/output-floats.ts';
import { type OrtSession, type TensorData, openSession } from '../../models/runtime/session.ts';
import { answerQuestions, childOptions } from './answer.ts';

/** onnxruntime alone, on one thread of the processor or on a GPU: no decoding, no queue, no copies but its own. */
interface RawOptions {
  readonly dir: string;
  /** The processor when absent. */
  readonly provider?: DeviceInfo['provider'];
}

/** A caption, cut to so many of the encoder's tokens. */
const CAPTION =
  'well i was not sure at first but then we talked it over and in the end i am really happy with how it went';
const TEXT_TOKENS = 16;

const { dir, provider = 'cpu' } = childOptions() as RawOptions;
const { manifest } = await readBundle(dir);

answerQuestions({ encoder: measureEncoder, text: measureText, heads: measureHeads, outputs: runOnce });

interface RatesAsk {
  readonly batchSizes: readonly number[];
  readonly ms: number;
  /** Seconds: the sizes after one whose run takes longer are left out. */
  readonly longestRunS?: number;
}

/** Frames a second by batch size, decoded pixels ready. */
async function measureEncoder(ask: RatesAsk): Promise<[number, number][]> {
  const encoder = imageEncoder();
  return await ratesByBatch(encoder, ask, (batch) => pixelFeeds(encoder, batch));
}

/** Texts a second, by batch size. */
async function measureText(ask: RatesAsk): Promise<[number, number][]> {
  const modality = manifest.modalities.find((one) => one.kind === 'text');
  if (modality?.kind !== 'text') throw new Error('the bundle encodes no texts');
  const { encoder } = modality;
  const { inputs, preprocessing } = encoder;
  const tokenizer = loadTokenizer(JSON.parse(await readFile(join(dir, preprocessing.tokenizer), 'utf8')));
  const ids = tokenizer.encode(CAPTION, Math.min(TEXT_TOKENS, preprocessing.max_tokens), preprocessing.keep);
  return await ratesByBatch(encoder, ask, (batch) => {
    const dims = [batch, ids.length];
    const data = BigInt64Array.from({ length: batch * ids.length }, (_, i) => BigInt(ids[i % ids.length] ?? 0));
    const tokens: TensorData = { type: 'int64', dims, data };
    if (inputs.mask === undefined) return { [inputs.tokens]: tokens };
    const mask: TensorData = { type: 'float32', dims, data: new Float32Array(data.length).fill(1) };
    return { [inputs.tokens]: tokens, [inputs.mask]: mask };
  });
}

async function ratesByBatch(
  { file, output }: { readonly file: string; readonly output: string },
  { batchSizes, ms, longestRunS = Infinity }: RatesAsk,
  feedsOf: (batch: number) => Record<string, TensorData>,
): Promise<[number, number][]> {
  const session = await openAlone(file);
  try {
    const rates: [number, number][] = [];
    for (const batch of batchSizes) {
      const feeds = feedsOf(batch);
      const runs = await runsPerS(ms, () => session.run(feeds, [output]));
      rates.push([batch, runs * batch]);
      if (1 / runs > longestRunS) break;
    }
    return rates;
  } finally {
    await session.close();
  }
}

/** What the image encoder and the heads give for fixed inputs, to compare providers by. */
async function runOnce({ batch }: { batch: number }): Promise<{ embeddings: Float32Array; score: Float32Array }> {
  const encoder = imageEncoder();
  const images = await openAlone(encoder.file);
  const heads = await openAlone(manifest.heads.file);
  try {
    const encoded = await images.run(pixelFeeds(encoder, batch), [encoder.output]);
    const predicted = await heads.run(headsFeeds(manifest, batch));
    return { embeddings: outputFloats(encoded, encoder.output), score: outputFloats(predicted, 'score') };
  } finally {
    await images.close();
    await heads.close();
  }
}

function imageEncoder(): ImageEncoder {
  const modality = manifest.modalities.find((one) => one.kind === 'image');
  if (modality?.kind !== 'image') throw new Error('the bundle encodes no images');
  return modality.encoder;
}

function pixelFeeds({ inputs, preprocessing: { size } }: ImageEncoder, batch: number): Record<string, TensorData> {
  const data = Uint8Array.from({ length: batch * size * size * 3 }, (_, i) => (i * 2_654_435_761) >>> 24);
  return { [inputs.pixels]: { type: 'uint8', dims: [batch, size, size, 3], data } };
}

interface HeadsAsk {
  readonly batch: number;
  readonly ms: number;
  /** Every second frame is missing, too. */
  readonly gaps?: boolean;
}

/** Microseconds a window: virtual embeddings of every modality and the task head, text missing. */
async function measureHeads({ batch, ms, gaps = false }: HeadsAsk): Promise<number> {
  const session = await openAlone(manifest.heads.file);
  try {
    const feeds = headsFeeds(manifest, batch, gaps);
    return 1e6 / (await runsPerS(ms, () => session.run(feeds))) / batch;
  } finally {
    await session.close();
  }
}

function headsFeeds({ modalities, dimension }: Manifest, batch: number, gaps = false): Record<string, TensorData> {
  return Object.fromEntries(
    modalities.flatMap(({ name, slots, kind }): [string, TensorData][] => {
      const seen = kind === 'image' ? 1 : 0;
      const embeddings = new Float32Array(batch * slots * dimension).fill(seen * dimension ** -0.5);
      const mask = Float32Array.from({ length: batch * slots }, (_, i) => (gaps && i % 2 === 1 ? 0 : seen));
      return [
        [name, { type: 'float32', dims: [batch, slots, dimension], data: embeddings }],
        [`${name}_mask`, { type: 'float32', dims: [batch, slots], data: mask }],
      ];
    }),
  );
}

function openAlone(file: string): Promise<OrtSession> {
  return openSession(join(dir, file), { provider, threads: 1 });
}

async function runsPerS(ms: number, run: () => Promise<unknown>): Promise<number> {
  await run();
  const startedMs = performance.now();
  let runs = 0;
  do {
    await run();
    runs++;
  } while (performance.now() - startedMs < ms);
  return (runs * 1000) / (performance.now() - startedMs);
}
