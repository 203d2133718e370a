import { concatenate } from '../../runtime/concatenate.ts';
import { UndertoneError } from '../../errors.ts';
import type { VisionTransformer } from '../vit/vision-transformer.ts';
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
  /** Of the products. `auto`, the default, is int8 where this machine computes it faster: {@link WORTH}, {@link TIMED}. */
  readonly precision?: RewritePrecision;
  /** Lowest cosine with the original that is accepted, on every image. */
  readonly minCosine?: number;
  readonly signal?: AbortSignal | undefined;
}

export type RewritePrecision = 'auto' | 'int8' | 'float32';

/** What a rewrite changed, measured on this machine, on one thread. */
export interface RewriteReport extends Measured {
  readonly precision: 'float32' | 'int8';
  readonly images: number;
  readonly bytes: { readonly original: number; readonly rewritten: number };
  /** What int8 would have been like, where `auto` left it. */
  readonly leftInt8?: Measured;
}

interface Measured {
  readonly cosine: EmbeddingAgreement;
  /** Frames a second, one image at a time. */
  readonly framesPerS: { readonly original: number; readonly rewritten: number; readonly ratio: number };
}

export interface RewrittenVision {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly report: RewriteReport;
}

const SAMPLE_COUNT = 16;
/** A rewrite without rounding must give what the original gives; less than this is another function. */
const SAME = 0.99999;
const ROUNDS = 9;
/**
 * Times that int8 has to be as fast as the rewrite in float32 for `auto` to take it: it rounds, and a processor without
 * instructions for it gains next to nothing.
 */
const WORTH = 1.25;

/**
 * Multiplications an image from which `auto` times int8. A run of less is over within a millisecond or two, which chance
 * would decide, and another pull of the same model could give other files; published transformers have ten times as many.
 */
const TIMED = 1e8;

/**
 * Rewrites a published image encoder for a processor (see buildVision) and proves the result against the original: first
 * without rounding, where anything but the same embeddings means that the graph was not understood, then as it will run.
 *
 * @throws UndertoneError `rewrite_unrecognised` for a graph that is no such transformer, `rewrite_inexact` for embeddings
 * that are not finite or too far from the original's, `onnx_unreadable`, `model_unreadable`; the signal's reason
 */
export async function rewriteVision(original: Uint8Array, options: RewriteOptions): Promise<RewrittenVision> {
  const { ports, scale, precision = 'auto', minCosine = 0.995, signal } = options;
  const vit = matchVision(original, ports);
  const { imageSize: size } = vit;
  const count = SAMPLE_COUNT;
  const images = sampleImages(count, size, 0);
  const { input, output } = ports;
  const plain = await openVisionEncoder(original, { kind: 'tensor', input, scale }, { size, output, signal });
  try {
    const reference = await encodeAll(plain, images, count);
    const measure = async (bytes: Uint8Array): Promise<Measured> => {
      const encoder = await openVisionEncoder(bytes, { kind: 'bytes' }, { size, output, signal });
      try {
        const cosine = compareEmbeddings(reference, await encodeAll(encoder, images, count), count);
        const [first, second] = await timeEncoders([plain, encoder], images.subarray(0, size * size * 3), 1, ROUNDS);
        const { framesPerS: rewritten = Number.NaN, ratio = Number.NaN } = second ?? {};
        return { cosine, framesPerS: { original: first?.framesPerS ?? Number.NaN, rewritten, ratio } };
      } finally {
        await encoder.close();
      }
    };
    const rewritten = (
      made: 'float32' | 'int8',
      bytes: Uint8Array<ArrayBuffer>,
      measured: Measured & Pick<RewriteReport, 'leftInt8'>,
    ): RewrittenVision => {
      const report = {
        precision: made,
        images: count,
        ...measured,
        bytes: { original: original.length, rewritten: bytes.length },
      };
      return { bytes, report };
    };
    const exact = buildVision(vit, { pixels: scale, output, precision: 'float32' });
    const inFloat32 = await measure(exact);
    requireCosine(inFloat32, SAME);
    if (precision === 'float32' || (precision === 'auto' && multiplications(vit) < TIMED))
      return rewritten('float32', exact, inFloat32);
    const rounded = buildVision(vit, { pixels: scale, output, precision: 'int8' });
    const inInt8 = await measure(rounded);
    const worthIt = inInt8.cosine.min >= minCosine && inInt8.framesPerS.ratio >= WORTH * inFloat32.framesPerS.ratio;
    if (precision === 'auto' && !worthIt) return rewritten('float32', exact, { ...inFloat32, leftInt8: inInt8 });
    requireCosine(inInt8, minCosine);
    return rewritten('int8', rounded, inInt8);
  } finally {
    await plain.close();
  }
}

/** Of an image in the products that int8 rounds. */
function multiplications({ blocks, positions, width }: VisionTransformer): number {
  const layers = blocks.flatMap(({ query, key, value, output, up, down }) => [query, key, value, output, up, down]);
  return (positions.length / width) * layers.reduce((sum, { weight }) => sum + weight.length, 0);
}

/** Encodes images one at a time, so that none is rounded by the range of another. */
async function encodeAll(encoder: VisionEncoder, images: Uint8Array, count: number): Promise<Float32Array> {
  const one = images.length / count;
  const rows: Float32Array[] = [];
  for (let i = 0; i < count; i++) rows.push(await encoder.encode(images.subarray(i * one, (i + 1) * one), 1));
  return concatenate(rows);
}

function requireCosine({ cosine: { min } }: Measured, limit: number): void {
  if (Number.isNaN(min))
    throw new UndertoneError(
      'rewrite_inexact',
      'the embeddings of the model, or of its rewrite, are no finite numbers; get the model again, in float32',
    );
  if (min < limit)
    throw new UndertoneError(
      'rewrite_inexact',
      `the rewritten encoder's embeddings have a cosine of ${min.toFixed(5)} with the original's on the worst image, less than ${limit}; use the model as it is, or its published quantised file`,
    );
}
