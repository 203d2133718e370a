import type { ImageEncoder, TextEncoder } from '../bundle/manifest.ts';
import { UndertoneError } from '../errors.ts';
import type { ImageInput } from '../model.ts';
import { defaultWorkers } from '../runtime/config.ts';
import { embeddingsOf } from '../runtime/embeddings-of.ts';
import { type EncodedInputs, EncoderRunner } from '../runtime/encoder-runner.ts';
import type { FoundationEncoder, FoundationManifest } from './foundation-manifest.ts';
import { readFoundation } from './read-foundation.ts';

/** Encoders of a foundation model on the calling thread. Calls block while they compute. */
export interface OpenFoundation {
  readonly manifest: FoundationManifest;
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
  /** Threads inside one operator; the default is one per core. */
  readonly threads?: number;
}

/**
 * Verifies the foundation model in a folder and opens its encoders.
 *
 * @throws UndertoneError those of `readFoundation`; encoding throws `model_unreadable`, `embedding_not_finite`,
 * `tokenizer_invalid`
 */
export async function openFoundation(folder: string, options: OpenFoundationOptions = {}): Promise<OpenFoundation> {
  const { dir, manifest } = await readFoundation(folder);
  return openEncoders(dir, manifest, options);
}

/** Opens the encoders that a manifest describes; nothing is verified. */
export function openEncoders(
  dir: string,
  manifest: FoundationManifest,
  options: OpenFoundationOptions = {},
): OpenFoundation {
  const { threads = defaultWorkers() } = options;
  const { dimension } = manifest;
  const runner = new EncoderRunner({ dir, dimension, provider: 'cpu', threads });
  const image = encoderOf(manifest, 'image') as ImageEncoder;
  const text = encoderOf(manifest, 'text') as TextEncoder;
  const { size } = image.preprocessing;
  return {
    manifest,
    dimension,
    imageSize: size,
    encodeImages: async (images) => await runner.encodeImages(image, images),
    encodePixels: async (pixels, count) => await runner.encodePixels(image, pixels, count),
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
