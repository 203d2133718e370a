import { join } from 'node:path';
import type { Manifest } from '../../models/bundle/manifest.ts';
import { readBundle } from '../../models/bundle/read-bundle.ts';
import { type OrtSession, type TensorData, openSession } from '../../models/runtime/session.ts';
import { answerQuestions, childOptions } from './answer.ts';

/** onnxruntime alone, on one thread: no decoding, no queue, no copies but its own. */
const { dir } = childOptions() as { dir: string };
const { manifest } = await readBundle(dir);

answerQuestions({ encoder: measureEncoder, heads: measureHeads });

/** Frames a second by batch size, decoded pixels ready. */
async function measureEncoder({ batchSizes, ms }: { batchSizes: number[]; ms: number }): Promise<[number, number][]> {
  const modality = manifest.modalities.find((one) => one.kind === 'image');
  if (modality?.kind !== 'image') throw new Error('the bundle encodes no images');
  const { encoder } = modality;
  const { size } = encoder.preprocessing;
  const session = await openAlone(encoder.file);
  try {
    const rates: [number, number][] = [];
    for (const batch of batchSizes) {
      const data = Uint8Array.from({ length: batch * size * size * 3 }, (_, i) => (i * 2_654_435_761) >>> 24);
      const input: TensorData = { type: 'uint8', dims: [batch, size, size, 3], data };
      const runs = await runsPerS(ms, () => session.run({ [encoder.inputs.pixels]: input }, [encoder.output]));
      rates.push([batch, runs * batch]);
    }
    return rates;
  } finally {
    await session.close();
  }
}

/** Microseconds a window: virtual embeddings of every modality and the task head, text missing. */
async function measureHeads({ batch, ms }: { batch: number; ms: number }): Promise<number> {
  const session = await openAlone(manifest.heads.file);
  try {
    const feeds = headsFeeds(manifest, batch);
    return 1e6 / (await runsPerS(ms, () => session.run(feeds))) / batch;
  } finally {
    await session.close();
  }
}

function headsFeeds({ modalities, dimension }: Manifest, batch: number): Record<string, TensorData> {
  return Object.fromEntries(
    modalities.flatMap(({ name, slots, kind }): [string, TensorData][] => {
      const seen = kind === 'image' ? 1 : 0;
      const embeddings = new Float32Array(batch * slots * dimension).fill(seen * dimension ** -0.5);
      const mask = new Float32Array(batch * slots).fill(seen);
      return [
        [name, { type: 'float32', dims: [batch, slots, dimension], data: embeddings }],
        [`${name}_mask`, { type: 'float32', dims: [batch, slots], data: mask }],
      ];
    }),
  );
}

function openAlone(file: string): Promise<OrtSession> {
  return openSession(join(dir, file), { threads: 1, spinning: false });
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
