import type { ImageEncoder, TextEncoder } from '../bundle/manifest.ts';
import { UndertoneError } from '../errors.ts';
import type { DeviceInfo, ImageInput } from '../model.ts';
import { defaultWorkers } from '../runtime/config.ts';
import { embeddingsOf } from '../runtime/embeddings-of.ts';
import { type EncodedInputs, EncoderRunner } from '../runtime/encoder-runner.ts';
import type { FoundationEncoder, FoundationManifest } from './foundation-manifest.ts';
import { readFoundation } from './read-foundation.ts';

/** Encoders of a foundation model on the calling thread. Calls block while they compute. */
export interface OpenFoundation {
  readonly manifest: FoundationManifest;
  /** sha256 of the manifest, hex; it covers every file. */
  readonly checksum: string;
  /** d: size of every embedding. */
  readonly dimension: number;
  /** Side of the image encoder's square input in pixels. */
  readonly imageSize: number;
  /** Decodes, fits and encodes; images at fault are told in `failures`, their rows are zeros. */
  encodeImages(images: readonly ImageInput[]): Promise<EncodedInputs>;
  /** @param pixels uint8 `[count, size, size, 3]`, already fitted @returns `[count, d]`, L2-normalised */
  encodePixels(pixels: Uint8Array, count: number): Promise<Float32Array>;
  /** @returns `[texts.length, d]`, L2-normalised */
  encodeTexts(texts: readonly string[]): Promise<Float32Array>;
  /** Releases the sessions. Idempotent. */
  close(): Promise<void>;
}

export interface OpenFoundationOptions {
  readonly provider?: DeviceInfo['provider'];
  /** Threads inside one operator; the default is one per core. */
  readonly threads?: number;
}

/** Rows that go through a graph at once: enough to fill it, few enough to stay in memory. */
const BULK_BATCH = 32;

/**
 * Verifies the foundation model in a folder and opens its encoders.
 *
 * @throws UndertoneError those of `readFoundation`; encoding throws `model_unreadable`, `embedding_not_finite`,
 * `tokenizer_invalid`
 */
export async function openFoundation(folder: string, options: OpenFoundationOptions = {}): Promise<OpenFoundation> {
  const { dir, manifest, sha256 } = await readFoundation(folder);
  return openEncoders(dir, manifest, sha256, options);
}

/** Opens the encoders that a manifest describes; nothing is verified. */
export function openEncoders(
  dir: string,
  manifest: FoundationManifest,
  checksum: string,
  options: OpenFoundationOptions = {},
): OpenFoundation {
  const { provider = 'cpu', threads = defaultWorkers() } = options;
  const { dimension } = manifest;
  const runner = new EncoderRunner({ dir, dimension, provider, threads });
  const image = encoderOf(manifest, 'image') as ImageEncoder;
  const text = encoderOf(manifest, 'text') as TextEncoder;
  const { size } = image.preprocessing;
  return {
    manifest,
    checksum,
    dimension,
    imageSize: size,
    encodeImages: async (images) => {
      const embeddings = new Float32Array(images.length * dimension);
      const failures: EncodedInputs['failures'][number][] = [];
      for (let start = 0; start < images.length; start += BULK_BATCH) {
        const part = await runner.encodeImages(image, images.slice(start, start + BULK_BATCH));
        embeddings.set(part.embeddings, start * dimension);
        failures.push(...part.failures.map(({ index, error }) => ({ index: start + index, error })));
      }
      return { embeddings, failures };
    },
    encodePixels: async (pixels, count) => {
      const embeddings = new Float32Array(count * dimension);
      const bytes = size * size * 3;
      for (let start = 0; start < count; start += BULK_BATCH) {
        const end = Math.min(count, start + BULK_BATCH);
        const part = await runner.encodePixels(image, pixels.subarray(start * bytes, end * bytes), end - start);
        embeddings.set(part, start * dimension);
      }
      return embeddings;
    },
    encodeTexts: async (texts) => embeddingsOf(await runner.encodeTexts(text, texts)),
    close: async () => runner.close(),
  };
}

/** @throws UndertoneError `foundation_manifest` when the model has no encoder of that kind */
function encoderOf(manifest: FoundationManifest, kind: FoundationEncoder['kind']): FoundationEncoder['encoder'] {
  const found = manifest.encoders.find((part) => part.kind === kind);
  if (found !== undefined) return found.encoder;
  throw new UndertoneError('foundation_manifest', `${manifest.name} has no ${kind} encoder`);
}
