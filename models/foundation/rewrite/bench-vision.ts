import { exportVision, VISION_PORTS } from '../vit/export-vision.ts';
import { randomVision, type VisionSize } from '../vit/random-vision.ts';
import { buildVision } from './build-vision.ts';
import { compareEmbeddings, type EmbeddingAgreement } from './compare-embeddings.ts';
import { CLIP_SCALE } from './clip-scale.ts';
import { matchVision } from './match-vision.ts';
import { sampleImages } from './sample-images.ts';
import { SIGLIP_SCALE } from './siglip-scale.ts';
import { timeEncoders, type TimedEncoder } from './time-encoders.ts';
import { openVisionEncoder, type VisionEncoder } from './vision-encoder.ts';

export interface VisionBenchOptions {
  readonly size: VisionSize;
  readonly batches: readonly number[];
  readonly rounds: number;
  readonly note?: (text: string) => void;
}

export interface VisionBenchRow extends TimedEncoder {
  readonly encoder: 'float32' | 'rewritten float32' | 'rewritten int8';
  readonly batch: number;
  /** Agreement with the plain float32 model on the batch's images, encoded together. */
  readonly cosine: EmbeddingAgreement;
}

export interface VisionBenchReport {
  readonly format: 1;
  readonly model: VisionSize;
  readonly threads: 1;
  readonly rounds: number;
  readonly bytes: Readonly<Record<VisionBenchRow['encoder'], number>>;
  readonly rows: readonly VisionBenchRow[];
}

const SEED = 0;

/**
 * Generates a Vision Transformer with random weights, writes it as published files are, rewrites it, and times all three
 * on one thread in turns: a ratio compares runs that follow each other directly.
 */
export async function benchVision(options: VisionBenchOptions): Promise<VisionBenchReport> {
  const { size, batches, rounds, note = () => undefined } = options;
  note('generating');
  const original = exportVision(randomVision(size, SEED));
  const vit = matchVision(original, VISION_PORTS);
  const { input, output } = VISION_PORTS;
  const scale = size.form === 'siglip' ? SIGLIP_SCALE : CLIP_SCALE;
  const build = { pixels: scale, output };
  const graphs = {
    float32: original,
    'rewritten float32': buildVision(vit, { ...build, precision: 'float32' }),
    'rewritten int8': buildVision(vit, { ...build, precision: 'int8' }),
  };
  const names = Object.keys(graphs) as (keyof typeof graphs)[];
  const encoders: VisionEncoder[] = [];
  const rows: VisionBenchRow[] = [];
  try {
    for (const name of names) {
      const feed = name === 'float32' ? { kind: 'tensor' as const, input, scale } : { kind: 'bytes' as const };
      encoders.push(await openVisionEncoder(graphs[name], feed, { size: size.imageSize, output }));
    }
    for (const batch of batches) {
      note(`batch ${batch}`);
      const pixels = sampleImages(batch, size.imageSize, SEED);
      const found: Float32Array[] = [];
      for (const encoder of encoders) found.push(await encoder.encode(pixels, batch));
      const reference = found[0] ?? new Float32Array();
      const timed = await timeEncoders(encoders, pixels, batch, rounds);
      for (const [i, time] of timed.entries()) {
        const cosine = compareEmbeddings(reference, found[i] ?? reference, batch);
        rows.push({ encoder: names[i] ?? 'float32', batch, ...time, cosine });
      }
    }
  } finally {
    await Promise.all(encoders.map((encoder) => encoder.close()));
  }
  const bytes = Object.fromEntries(names.map((name) => [name, graphs[name].length])) as VisionBenchReport['bytes'];
  return { format: 1, model: size, threads: 1, rounds, bytes, rows };
}
