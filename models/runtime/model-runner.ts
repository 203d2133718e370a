import { readFile } from 'node:fs/promises';
import { resolveInside } from '../bundle/resolve-inside.ts';
import type { Manifest, ManifestModality } from '../bundle/manifest.ts';
import { toPixels } from '../encoders/image-input/to-pixels.ts';
import { type TextTokenizer, loadTokenizer } from '../encoders/tokenizer.ts';
import { UndertoneError } from '../errors.ts';
import type { DeviceInfo, ImageInput } from '../model.ts';
import { type OrtSession, type TensorData, openSession } from './session.ts';
import { groupByLength, padTokens } from './text-groups.ts';
import type { PredictionBatch, WindowBatch } from './windows.ts';

/** What a runner loads; plain data, so that it can be sent to a process. The bundle must have been verified. */
export interface RunnerSpec {
  readonly dir: string;
  readonly manifest: Manifest;
  readonly provider: DeviceInfo['provider'];
  /** Threads inside one operator. */
  readonly threads: number;
}

export interface EncodedImages {
  /** `[count, d]`, L2-normalised; zeros where the image was at fault. */
  readonly embeddings: Float32Array;
  readonly failures: readonly { readonly index: number; readonly error: UndertoneError }[];
}

export interface TimedImages extends EncodedImages {
  /** Milliseconds in which they were decoded and fitted. */
  readonly decodeMs: number;
}

/** Texts that are padded together at most. */
const MOST_TEXTS = 64;

/**
 * The sessions of one bundle: batches in, results out. Inference processes and the local model both run this, so live,
 * replay, training and evaluation compute the same.
 *
 * Runs block the calling thread. Sessions are opened when first used.
 */
export class ModelRunner {
  readonly spec: RunnerSpec;
  readonly #sessions = new Map<string, Promise<OrtSession>>();
  readonly #tokenizers = new Map<string, Promise<TextTokenizer>>();

  constructor(spec: RunnerSpec) {
    this.spec = spec;
  }

  /** Decodes, fits and encodes images; those at fault do not disturb the others. */
  async encodeImages(modality: string, images: readonly ImageInput[]): Promise<TimedImages> {
    const { encoder } = this.#modality(modality, 'image');
    const { size } = encoder.preprocessing;
    const bytes = size * size * 3;
    const pixels = new Uint8Array(images.length * bytes);
    const failures: { index: number; error: UndertoneError }[] = [];
    const rows: number[] = [];
    const startedMs = performance.now();
    for (const [index, image] of images.entries()) {
      try {
        pixels.set(await toPixels(image, encoder.preprocessing), rows.length * bytes);
        rows.push(index);
      } catch (error) {
        if (!(error instanceof UndertoneError)) throw error;
        failures.push({ index, error });
      }
    }
    const decodeMs = performance.now() - startedMs;
    const encoded = await this.encodePixels(modality, pixels.subarray(0, rows.length * bytes), rows.length);
    if (failures.length === 0) return { embeddings: encoded, failures, decodeMs };
    const { dimension } = this.spec.manifest;
    const embeddings = new Float32Array(images.length * dimension);
    for (const [from, to] of rows.entries())
      embeddings.set(encoded.subarray(from * dimension, (from + 1) * dimension), to * dimension);
    return { embeddings, failures, decodeMs };
  }

  /** @param pixels uint8 `[count, size, size, 3]` @returns `[count, d]`, L2-normalised */
  async encodePixels(modality: string, pixels: Uint8Array, count: number): Promise<Float32Array> {
    if (count === 0) return new Float32Array(0);
    const { encoder } = this.#modality(modality, 'image');
    const { size } = encoder.preprocessing;
    const session = await this.#session(encoder.file);
    const input: TensorData = { type: 'uint8', dims: [count, size, size, 3], data: pixels };
    const outputs = await session.run({ [encoder.inputs.pixels]: input }, [encoder.output]);
    return this.#normalised(floats(outputs, encoder.output));
  }

  /** Long texts keep their end. @returns `[texts.length, d]`, L2-normalised, in the order of the texts */
  async encodeTexts(modality: string, texts: readonly string[]): Promise<Float32Array> {
    const { encoder } = this.#modality(modality, 'text');
    const { max_tokens: maxTokens, lower_case: lowerCase, pad_id: padId } = encoder.preprocessing;
    const { dimension } = this.spec.manifest;
    const session = await this.#session(encoder.file);
    const tokenizer = await this.#tokenizer(encoder.preprocessing.tokenizer);
    const sequences = texts.map((text) => tokenizer.encode(lowerCase ? text.toLowerCase() : text, maxTokens));
    const embeddings = new Float32Array(texts.length * dimension);
    const lengths = sequences.map((ids) => ids.length);
    for (const group of groupByLength(lengths, MOST_TEXTS)) {
      const { tokens, mask, length } = padTokens(
        group.map((index) => sequences[index] ?? new Int32Array(0)),
        padId,
      );
      const dims = [group.length, length];
      const outputs = await session.run(
        {
          [encoder.inputs.tokens]: { type: 'int64', dims, data: tokens },
          [encoder.inputs.mask]: { type: 'float32', dims, data: mask },
        },
        [encoder.output],
      );
      const encoded = this.#normalised(floats(outputs, encoder.output));
      for (const [from, to] of group.entries())
        embeddings.set(encoded.subarray(from * dimension, (from + 1) * dimension), to * dimension);
    }
    return embeddings;
  }

  /** Synthesises what is missing in each window and predicts. */
  async predict({ count, embeddings, masks }: WindowBatch): Promise<PredictionBatch> {
    const { modalities, dimension, heads } = this.spec.manifest;
    const session = await this.#session(heads.file);
    const feeds: Record<string, TensorData> = {};
    for (const [m, { name, slots }] of modalities.entries()) {
      feeds[name] = { type: 'float32', dims: [count, slots, dimension], data: embeddings[m] ?? new Float32Array(0) };
      feeds[`${name}_mask`] = { type: 'float32', dims: [count, slots], data: masks[m] ?? new Float32Array(0) };
    }
    const outputs = await session.run(feeds);
    return {
      score: floats(outputs, 'score'),
      logVariance: floats(outputs, 'log_variance'),
      sentimentLogits: floats(outputs, 'sentiment_logits'),
      emotionLogits: floats(outputs, 'emotion_logits'),
      virtual: modalities.map(({ name }) => floats(outputs, `virtual_${name}`)),
    };
  }

  /** Opens every session and runs each once, so that the first real batch does not pay for it. */
  async warmUp(): Promise<void> {
    const { modalities, dimension } = this.spec.manifest;
    for (const modality of modalities) {
      if (modality.kind === 'text') await this.encodeTexts(modality.name, ['warm up']);
      else {
        const { size } = modality.encoder.preprocessing;
        await this.encodePixels(modality.name, new Uint8Array(size * size * 3), 1);
      }
    }
    const embeddings = modalities.map(({ slots }) => new Float32Array(slots * dimension).fill(dimension ** -0.5));
    const masks = modalities.map(({ slots }) => new Float32Array(slots).fill(1));
    await this.predict({ count: 1, embeddings, masks });
  }

  /** Releases the sessions. Idempotent. */
  async close(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const session of sessions) {
      await session.then(
        (opened) => opened.close(),
        () => undefined,
      );
    }
  }

  #modality<K extends ManifestModality['kind']>(name: string, kind: K): Extract<ManifestModality, { kind: K }> {
    const found = this.spec.manifest.modalities.find((modality) => modality.name === name && modality.kind === kind);
    if (found === undefined) throw new UndertoneError('unknown_modality', `the model has no ${kind} modality ${name}`);
    return found as Extract<ManifestModality, { kind: K }>;
  }

  async #session(file: string): Promise<OrtSession> {
    const { dir, provider, threads } = this.spec;
    return await once(this.#sessions, file, async () =>
      openSession(await resolveInside(dir, file), { provider, threads, spinning: false }),
    );
  }

  async #tokenizer(file: string): Promise<TextTokenizer> {
    return await once(this.#tokenizers, file, async () =>
      loadTokenizer(JSON.parse(await readFile(await resolveInside(this.spec.dir, file), 'utf8'))),
    );
  }

  #normalised(embeddings: Float32Array): Float32Array {
    const { dimension } = this.spec.manifest;
    const out = new Float32Array(embeddings.length);
    for (let start = 0; start < embeddings.length; start += dimension) {
      let sum = 0;
      for (let i = start; i < start + dimension; i++) sum += (embeddings[i] ?? 0) ** 2;
      const scale = 1 / Math.max(Math.sqrt(sum), 1e-12);
      for (let i = start; i < start + dimension; i++) out[i] = (embeddings[i] ?? 0) * scale;
    }
    return out;
  }
}

async function once<T>(cache: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const known = cache.get(key);
  if (known !== undefined) return await known;
  const made = make();
  cache.set(key, made);
  return await made;
}

function floats(outputs: Readonly<Record<string, TensorData>>, name: string): Float32Array {
  const data = outputs[name]?.data;
  if (data instanceof Float32Array) return data;
  throw new UndertoneError('model_unreadable', `the model gives no float32 output ${name}; its manifest says it does`);
}
