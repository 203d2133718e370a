import type { EncoderFiles } from '../bundle/bundle.ts';
import type { Manifest, ManifestModality } from '../bundle/manifest.ts';
import { loadSharp } from '../encoders/image-input/decode-sharp.ts';
import { UndertoneError } from '../errors.ts';
import type { DeviceInfo, ImageInput } from '../model.ts';
import { embeddingsOf } from './embeddings-of.ts';
import { adaptTexts } from './text-adapter.ts';
import {
  type EncodedInputs,
  type EncodeImagesOptions,
  EncoderRunner,
  type TimedInputs,
  type TokenisedTexts,
} from './encoder-runner.ts';
import { outputFloats } from './output-floats.ts';
import type { TensorData } from './session.ts';
import { SessionCache } from './session-cache.ts';
import type { PredictionBatch, WindowBatch } from './windows.ts';

export interface EncodeTextsOptions {
  /** False for what the encoder itself gives, as prepared data holds it. */
  readonly adapted?: boolean;
}

/** What a runner loads; plain data, so that it can be sent to a process. The bundle must have been verified. */
export interface RunnerSpec {
  readonly dir: string;
  readonly manifest: Manifest;
  /** Where the encoders are, when they are a foundation model's; else in `dir`. */
  readonly encoders?: EncoderFiles | undefined;
  readonly provider: DeviceInfo['provider'];
  /** Threads inside one operator. */
  readonly threads: number;
}

/**
 * The sessions of one bundle: batches in, results out. Inference processes and the local model both run this, so live,
 * replay, training and evaluation compute the same.
 *
 * Runs block the calling thread. Sessions are opened when first used.
 */
export class ModelRunner {
  readonly spec: RunnerSpec;
  readonly #encoders: EncoderRunner;
  readonly #sessions: SessionCache;

  /** @param signal ends calls between two batches, with its reason */
  constructor(spec: RunnerSpec, signal?: AbortSignal) {
    this.spec = spec;
    const { dir, encoders, manifest, provider, threads } = spec;
    this.#encoders = new EncoderRunner({
      dir: encoders?.dir ?? dir,
      dimension: manifest.dimension,
      provider,
      threads,
      signal,
    });
    this.#sessions = new SessionCache({ dir, provider, threads, signal });
  }

  /** Decodes, fits and encodes images; those at fault do not disturb the others. */
  async encodeImages(
    modality: string,
    images: readonly ImageInput[],
    options?: EncodeImagesOptions,
  ): Promise<TimedInputs> {
    return await this.#encoders.encodeImages(this.#modality(modality, 'image').encoder, images, options);
  }

  /** @param pixels uint8 `[count, size, size, 3]` @returns `[count, d]`, L2-normalised */
  async encodePixels(modality: string, pixels: Uint8Array, count: number): Promise<Float32Array> {
    return await this.#encoders.encodePixels(this.#modality(modality, 'image').encoder, pixels, count);
  }

  /** Embeddings in the order of the texts, moved by the adapter where there is one and `adapted` is not false. */
  async encodeTexts(
    modality: string,
    texts: readonly string[],
    { adapted = true }: EncodeTextsOptions = {},
  ): Promise<EncodedInputs> {
    const tokenised = await this.tokenise(modality, texts);
    const encoded = await this.#encoders.encodeTokens(this.#modality(modality, 'text').encoder, tokenised);
    if (!adapted) return encoded;
    return { ...encoded, embeddings: await this.#adapt(modality, tokenised, encoded.embeddings) };
  }

  /** The encoder's own embeddings [n, d] of texts, moved by the adapter where there is one. */
  async adaptTexts(modality: string, texts: readonly string[], embeddings: Float32Array): Promise<Float32Array> {
    return await this.#adapt(modality, await this.tokenise(modality, texts), embeddings);
  }

  /** Texts as the encoder is given them. */
  async tokenise(modality: string, texts: readonly string[]): Promise<TokenisedTexts> {
    return await this.#encoders.tokenise(this.#modality(modality, 'text').encoder, texts);
  }

  /** Synthesises what is missing in each window and predicts. */
  async predict({ count, embeddings, masks }: WindowBatch): Promise<PredictionBatch> {
    const { modalities, dimension, heads } = this.spec.manifest;
    const session = await this.#sessions.open(heads.file);
    const feeds: Record<string, TensorData> = {};
    for (const [m, { name, slots }] of modalities.entries()) {
      feeds[name] = { type: 'float32', dims: [count, slots, dimension], data: embeddings[m] ?? new Float32Array(0) };
      feeds[`${name}_mask`] = { type: 'float32', dims: [count, slots], data: masks[m] ?? new Float32Array(0) };
    }
    const outputs = await session.run(feeds);
    return {
      score: outputFloats(outputs, 'score'),
      logVariance: outputFloats(outputs, 'log_variance'),
      sentimentLogits: outputFloats(outputs, 'sentiment_logits'),
      emotionLogits: outputFloats(outputs, 'emotion_logits'),
      virtual: modalities.map(({ name }) => outputFloats(outputs, `virtual_${name}`)),
    };
  }

  /** Loads the decoders, opens every session and runs each once, so that the first real batch does not pay for it. */
  async warmUp(): Promise<void> {
    const { modalities, dimension } = this.spec.manifest;
    for (const modality of modalities) {
      if (modality.kind === 'text') embeddingsOf(await this.encodeTexts(modality.name, ['warm up']));
      else {
        await loadSharp();
        const { preprocessing, finder } = modality.encoder;
        const { size } = preprocessing;
        await this.encodePixels(modality.name, new Uint8Array(size * size * 3), 1);
        if (finder !== undefined) {
          const side = Math.max(finder.from_side, size);
          const picture = { kind: 'rgb' as const, width: side, height: side, data: new Uint8Array(side * side * 3) };
          embeddingsOf(await this.encodeImages(modality.name, [picture], { withoutFace: 'middle' }));
        }
      }
    }
    const embeddings = modalities.map(({ slots }) => new Float32Array(slots * dimension).fill(dimension ** -0.5));
    const masks = modalities.map(({ slots }) => new Float32Array(slots).fill(1));
    await this.predict({ count: 1, embeddings, masks });
  }

  /** Releases the sessions. Idempotent. */
  async close(): Promise<void> {
    await this.#encoders.close();
    await this.#sessions.close();
  }

  async #adapt(modality: string, tokenised: TokenisedTexts, embeddings: Float32Array): Promise<Float32Array> {
    const { adapter } = this.#modality(modality, 'text');
    if (adapter === undefined) return embeddings;
    return await adaptTexts(await this.#sessions.open(adapter.file), adapter, tokenised, embeddings);
  }

  #modality<K extends ManifestModality['kind']>(name: string, kind: K): Extract<ManifestModality, { kind: K }> {
    const found = this.spec.manifest.modalities.find((modality) => modality.name === name && modality.kind === kind);
    if (found === undefined) throw new UndertoneError('unknown_modality', `the model has no ${kind} modality ${name}`);
    return found as Extract<ManifestModality, { kind: K }>;
  }
}
