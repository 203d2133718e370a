import { UndertoneError } from '../../errors.ts';
import { buildVision } from './build-vision.ts';
import { compareEmbeddings, type EmbeddingAgreement } from './compare-embeddings.ts';
import type { PixelScale } from './fold-pixels.ts';
import { matchVision, type VisionPorts } from './match-vision.ts';
import { sampleImages } from './sample-images.ts';
import { timeEncoders } from './time-encoders.ts';
import { openVisionEncoder, type VisionEncoder } from './vision-encoder.ts';

export interface RewriteOptions {
  readonly ports: VisionPorts;
  /** Mean and deviation of the published preprocessing. */
  readonly scale: PixelScale;
  readonly precision?: 'float32' | 'int8';
  /** Pixels uint8 [n, size, size, 3] to compare on; drawn ones when absent. */
  readonly images?: (size: number) => Promise<Uint8Array> | Uint8Array;
  /** Lowest cosine with the original that is accepted, on every image. */
  readonly minCosine?: number;
}

/** What a rewrite changed, measured on this machine, on one thread. */
export interface RewriteReport {
  readonly precision: 'float32' | 'int8';
  readonly images: number;
  readonly cosine: EmbeddingAgreement;
  readonly bytes: { readonly original: number; readonly rewritten: number };
  /** Frames a second, one image at a time. */
  readonly framesPerS: { readonly original: number; readonly rewritten: number; readonly ratio: number };
}

export interface RewrittenVision {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Side of the square input in pixels. */
  readonly size: number;
  readonly dimension: number;
  readonly report: RewriteReport;
}

const SAMPLE_COUNT = 16;
/** A rewrite without rounding must give what the original gives; less than this is another function. */
const SAME = 0.99999;
const ROUNDS = 9;

/**
 * Rewrites a published image encoder for a processor (see buildVision) and proves the result against the original: first
 * without rounding, where anything but the same embeddings means that the graph was not understood, then as it will run.
 *
 * @throws UndertoneError `rewrite_unrecognised` for a graph that is no such transformer, `rewrite_inexact` for embeddings
 * that are not finite or too far from the original's, `onnx_unreadable`, `model_unreadable`
 */
export async function rewriteVision(original: Uint8Array, options: RewriteOptions): Promise<RewrittenVision> {
  const { ports, scale, precision = 'int8', minCosine = 0.995 } = options;
  const vit = matchVision(original, ports);
  const { imageSize: size, projection } = vit;
  const images = (await options.images?.(size)) ?? sampleImages(SAMPLE_COUNT, size, 0);
  const count = images.length / (size * size * 3);
  const plain = await openVisionEncoder(
    original,
    { kind: 'tensor', input: ports.input, scale },
    { size, output: ports.output },
  );
  const build = { pixels: scale, output: ports.output };
  try {
    const reference = await encodeAll(plain, images, count);
    const check = async (bytes: Uint8Array, limit: number) => {
      const encoder = await openVisionEncoder(bytes, { kind: 'bytes' }, { size, output: ports.output });
      try {
        const cosine = compareEmbeddings(reference, await encodeAll(encoder, images, count), count);
        if (!(cosine.min >= limit)) throw inexact(cosine.min, limit);
        const [first, second] = await timeEncoders([plain, encoder], images.subarray(0, size * size * 3), 1, ROUNDS);
        const ratio = second?.ratio ?? Number.NaN;
        return {
          cosine,
          framesPerS: { original: first?.framesPerS ?? Number.NaN, rewritten: second?.framesPerS ?? Number.NaN, ratio },
        };
      } finally {
        await encoder.close();
      }
    };
    const exact = buildVision(vit, { ...build, precision: 'float32' });
    const exactReport = await check(exact, SAME);
    const bytes = precision === 'float32' ? exact : buildVision(vit, { ...build, precision });
    const measured = precision === 'float32' ? exactReport : await check(bytes, minCosine);
    const report = {
      precision,
      images: count,
      ...measured,
      bytes: { original: original.length, rewritten: bytes.length },
    };
    return { bytes, size, dimension: projection.output, report };
  } finally {
    await plain.close();
  }
}

/** Encodes images one at a time, so that none is rounded by the range of another. */
async function encodeAll(encoder: VisionEncoder, images: Uint8Array, count: number): Promise<Float32Array> {
  const one = images.length / count;
  const rows: Float32Array[] = [];
  for (let i = 0; i < count; i++) rows.push(await encoder.encode(images.subarray(i * one, (i + 1) * one), 1));
  const all = new Float32Array(rows.reduce((sum, row) => sum + row.length, 0));
  let at = 0;
  for (const row of rows) {
    all.set(row, at);
    at += row.length;
  }
  return all;
}

function inexact(found: number, limit: number): UndertoneError {
  return new UndertoneError(
    'rewrite_inexact',
    `the rewritten encoder's embeddings have a cosine of ${found.toFixed(5)} with the original's on the worst image, less than ${limit}; use the model as it is, or its published quantised file`,
  );
}
