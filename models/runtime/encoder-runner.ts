import { readFile } from 'node:fs/promises';
import { resolveInside } from '../bundle/resolve-inside.ts';
import type { ImageEncoder, TextEncoder } from '../bundle/manifest.ts';
import { toPixels } from '../encoders/image-input/to-pixels.ts';
import { toTensor } from '../encoders/image-input/to-tensor.ts';
import { cleanText } from '../encoders/text-input/clean-text.ts';
import { type TextTokenizer, loadTokenizer } from '../encoders/tokenizer.ts';
import { UndertoneError } from '../errors.ts';
import type { DeviceInfo, ImageInput } from '../model.ts';
import { once } from './once.ts';
import { outputFloats } from './output-floats.ts';
import { type OrtSession, type TensorData, openSession } from './session.ts';
import { groupByLength, padTokens } from './text-groups.ts';
import { unitRows } from './unit-rows.ts';

/** Encoders in one folder; plain data. The folder's files must have been verified. */
export interface EncoderSpec {
  readonly dir: string;
  /** d: size of every embedding. */
  readonly dimension: number;
  readonly provider: DeviceInfo['provider'];
  /** Threads inside one operator. */
  readonly threads: number;
}

export interface EncodedImages {
  /** `[count, d]`, L2-normalised; zeros where the image was at fault. */
  readonly embeddings: Float32Array;
  readonly failures: readonly { readonly index: number; readonly error: UndertoneError }[];
}

/** Texts that are padded together at most. */
const MOST_TEXTS = 64;

/**
 * The encoders of a bundle or of a foundation model: images and texts in, embeddings out.
 *
 * Runs block the calling thread. Sessions are opened when first used.
 *
 * Encoding throws UndertoneError `embedding_not_finite` when a graph gives a value that is no finite number.
 */
export class EncoderRunner {
  readonly spec: EncoderSpec;
  readonly #sessions = new Map<string, Promise<OrtSession>>();
  readonly #tokenizers = new Map<string, Promise<TextTokenizer>>();

  constructor(spec: EncoderSpec) {
    this.spec = spec;
  }

  /** Decodes, fits and encodes images; those at fault do not disturb the others. */
  async encodeImages(encoder: ImageEncoder, images: readonly ImageInput[]): Promise<EncodedImages> {
    const { size } = encoder.preprocessing;
    const bytes = size * size * 3;
    const pixels = new Uint8Array(images.length * bytes);
    const failures: { index: number; error: UndertoneError }[] = [];
    const rows: number[] = [];
    for (const [index, image] of images.entries()) {
      try {
        pixels.set(await toPixels(image, encoder.preprocessing), rows.length * bytes);
        rows.push(index);
      } catch (error) {
        if (!(error instanceof UndertoneError)) throw error;
        failures.push({ index, error });
      }
    }
    const encoded = await this.encodePixels(encoder, pixels.subarray(0, rows.length * bytes), rows.length);
    if (failures.length === 0) return { embeddings: encoded, failures };
    const { dimension } = this.spec;
    const embeddings = new Float32Array(images.length * dimension);
    for (const [from, to] of rows.entries())
      embeddings.set(encoded.subarray(from * dimension, (from + 1) * dimension), to * dimension);
    return { embeddings, failures };
  }

  /** @param pixels uint8 `[count, size, size, 3]` @returns `[count, d]`, L2-normalised */
  async encodePixels(encoder: ImageEncoder, pixels: Uint8Array, count: number): Promise<Float32Array> {
    if (count === 0) return new Float32Array(0);
    const { size } = encoder.preprocessing;
    const session = await this.#session(encoder.file);
    const bytes = size * size * 3;
    const parts = partsOf(count, encoder.batch).map(async ([first, rows]) => {
      const part = pixels.subarray(first * bytes, (first + rows) * bytes);
      const input: TensorData =
        encoder.tensor === undefined
          ? { type: 'uint8', dims: [rows, size, size, 3], data: part }
          : { type: 'float32', dims: [rows, 3, size, size], data: toTensor(part, rows, size, encoder.tensor) };
      const outputs = await session.run({ [encoder.inputs.pixels]: input }, [encoder.output]);
      return outputFloats(outputs, encoder.output, rows * this.spec.dimension);
    });
    return unitRows(joined(await Promise.all(parts)), this.spec.dimension, encoder.file);
  }

  /** @returns `[texts.length, d]`, L2-normalised, in the order of the texts */
  async encodeTexts(encoder: TextEncoder, texts: readonly string[]): Promise<Float32Array> {
    const { max_tokens, lower_case, pad_id, pad_to, keep, clean } = encoder.preprocessing;
    const { dimension } = this.spec;
    const tokenizer = await this.tokenizer(encoder.preprocessing.tokenizer);
    const sequences = texts.map((text) => {
      const cleaned = cleanText(text, clean);
      return tokenizer.encode(lower_case ? cleaned.toLowerCase() : cleaned, max_tokens, keep);
    });
    const embeddings = new Float32Array(texts.length * dimension);
    const lengths = sequences.map((ids) => ids.length);
    for (const group of groupByLength(lengths, encoder.batch ?? MOST_TEXTS)) {
      const rows = group.map((index) => sequences[index] ?? new Int32Array(0));
      const encoded = await this.#encodeTokens(encoder, rows, pad_id, pad_to);
      for (const [from, to] of group.entries())
        embeddings.set(encoded.subarray(from * dimension, (from + 1) * dimension), to * dimension);
    }
    return embeddings;
  }

  /** The tokenizer in a file of the folder; read once. */
  async tokenizer(file: string): Promise<TextTokenizer> {
    return await once(this.#tokenizers, file, async () =>
      loadTokenizer(JSON.parse(await readFile(await resolveInside(this.spec.dir, file), 'utf8'))),
    );
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

  async #encodeTokens(
    encoder: TextEncoder,
    rows: readonly Int32Array[],
    padId: number,
    padTo: number | undefined,
  ): Promise<Float32Array> {
    const session = await this.#session(encoder.file);
    const { tokens, mask, length } = padTokens(rows, padId, padTo);
    const dims = [rows.length, length];
    const feeds: Record<string, TensorData> = { [encoder.inputs.tokens]: { type: 'int64', dims, data: tokens } };
    if (encoder.inputs.mask !== undefined) {
      feeds[encoder.inputs.mask] =
        encoder.mask_type === 'int64'
          ? { type: 'int64', dims, data: BigInt64Array.from(mask, BigInt) }
          : { type: 'float32', dims, data: mask };
    }
    const outputs = await session.run(feeds, [encoder.output]);
    const { dimension } = this.spec;
    return unitRows(outputFloats(outputs, encoder.output, rows.length * dimension), dimension, encoder.file);
  }

  async #session(file: string): Promise<OrtSession> {
    const { dir, provider, threads } = this.spec;
    return await once(this.#sessions, file, async () =>
      openSession(await resolveInside(dir, file), { provider, threads, spinning: false }),
    );
  }
}

/** First row and number of rows of each run. */
function partsOf(count: number, batch = count): [first: number, rows: number][] {
  return Array.from({ length: Math.ceil(count / batch) }, (_, i) => [i * batch, Math.min(batch, count - i * batch)]);
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
