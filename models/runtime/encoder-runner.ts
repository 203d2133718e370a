import { readFile } from 'node:fs/promises';
import { resolveInside } from '../bundle/resolve-inside.ts';
import type { FaceFinder, ImageEncoder, TextEncoder } from '../bundle/manifest.ts';
import { fitPicture, toPixels } from '../encoders/image-input/to-pixels.ts';
import { toTensor } from '../encoders/image-input/to-tensor.ts';
import { cleanText } from '../encoders/text-input/clean-text.ts';
import { type TextTokenizer, loadTokenizer } from '../encoders/tokenizer.ts';
import { UndertoneError } from '../errors.ts';
import type { ImageInput } from '../model.ts';
import { type SearchedPicture, cutFace, preparePicture } from './cut-faces.ts';
import { once } from './once.ts';
import { outputFloats } from './output-floats.ts';
import type { TensorData } from './session.ts';
import { SessionCache, type SessionCacheOptions } from './session-cache.ts';
import { MOST_TEXTS, groupByLength, padTokens } from './text-groups.ts';
import { type UnitRows, notFinite, unitRows } from './unit-rows.ts';

/** Encoders in one folder; plain data. */
export interface EncoderSpec extends SessionCacheOptions {
  /** d: size of every embedding. */
  readonly dimension: number;
}

export interface EncodedInputs {
  /** `[count, d]`, L2-normalised; zeros where there is a failure. */
  readonly embeddings: Float32Array;
  /** Inputs at fault, and those whose embedding is not finite (`embedding_not_finite`). */
  readonly failures: readonly Failure[];
}

export interface TimedInputs extends EncodedInputs {
  /** Milliseconds in which they were decoded and fitted. */
  readonly decodeMs: number;
}

/** Texts as a text encoder is given them. */
export interface TokenisedTexts {
  /** Token ids of each text, without padding. */
  readonly tokens: readonly Int32Array[];
  /** Token ids are below this. */
  readonly vocabulary: number;
  readonly padId: number;
}

export interface EncodeImagesOptions {
  /** What becomes of pictures in which a model that looks for faces sees none: `no_face`, or the square in their middle. */
  readonly withoutFace?: 'refuse' | 'middle';
}

interface Failure {
  readonly index: number;
  readonly error: UndertoneError;
}

/** Images that are decoded and run at once: enough to fill a graph, and of large images few enough to stay in memory. */
const MOST_IMAGES = { small: 128, large: 32 };
/** Side of the encoder's input in pixels from which an image is large. */
const LARGE_PIXELS = 128;

/**
 * The encoders of a bundle or of a foundation model: images and texts in, embeddings out.
 *
 * Runs block the calling thread. Sessions are opened when first used.
 */
export class EncoderRunner {
  readonly spec: EncoderSpec;
  readonly #sessions: SessionCache;
  readonly #tokenizers = new Map<string, Promise<TextTokenizer>>();

  constructor(spec: EncoderSpec) {
    this.spec = spec;
    this.#sessions = new SessionCache(spec);
  }

  /** Decodes, fits and encodes any number of images; those at fault do not disturb the others. */
  async encodeImages(
    encoder: ImageEncoder,
    images: readonly ImageInput[],
    options: EncodeImagesOptions = {},
  ): Promise<TimedInputs> {
    const { dimension } = this.spec;
    const embeddings = new Float32Array(images.length * dimension);
    const failures: Failure[] = [];
    let decodeMs = 0;
    for (const [first, count] of partsOf(images.length, mostImages(encoder))) {
      const bad: Failure[] = [];
      const startedMs = performance.now();
      const { pixels, rows } = await this.#fitted(encoder, images.slice(first, first + count), options, bad);
      decodeMs += performance.now() - startedMs;
      const encoded = await this.#pixels(encoder, pixels, rows.length);
      bad.push(...encoded.bad.map((row) => ({ index: rows[row] ?? row, error: notFinite(encoder.file) })));
      for (const [from, to] of rows.entries())
        embeddings.set(encoded.rows.subarray(from * dimension, (from + 1) * dimension), (first + to) * dimension);
      failures.push(...bad.map(({ index, error }) => ({ index: first + index, error })));
    }
    return { embeddings, failures, decodeMs };
  }

  /**
   * @param pixels uint8 `[count, size, size, 3]` @returns `[count, d]`, L2-normalised
   * @throws UndertoneError `embedding_not_finite`
   */
  async encodePixels(encoder: ImageEncoder, pixels: Uint8Array, count: number): Promise<Float32Array> {
    const { rows, bad } = await this.#pixels(encoder, pixels, count);
    if (bad.length > 0) throw notFinite(encoder.file);
    return rows;
  }

  /** Embeddings in the order of the texts. */
  async encodeTexts(encoder: TextEncoder, texts: readonly string[]): Promise<EncodedInputs> {
    return await this.encodeTokens(encoder, await this.tokenise(encoder, texts));
  }

  /** Embeddings in the order of the texts that `tokenise` was given. */
  async encodeTokens(
    encoder: TextEncoder,
    { tokens: sequences, padId }: Pick<TokenisedTexts, 'tokens' | 'padId'>,
  ): Promise<EncodedInputs> {
    const { dimension } = this.spec;
    const embeddings = new Float32Array(sequences.length * dimension);
    const failures: Failure[] = [];
    const lengths = sequences.map((ids) => ids.length);
    for (const group of groupByLength(lengths, encoder.batch ?? MOST_TEXTS)) {
      const ids = group.map((index) => sequences[index] ?? new Int32Array(0));
      const { rows, bad } = await this.#runTokens(encoder, ids, padId);
      for (const [from, to] of group.entries())
        embeddings.set(rows.subarray(from * dimension, (from + 1) * dimension), to * dimension);
      failures.push(...bad.map((row) => ({ index: group[row] ?? row, error: notFinite(encoder.file) })));
    }
    return { embeddings, failures };
  }

  /** Texts as the encoder is given them. */
  async tokenise(encoder: TextEncoder, texts: readonly string[]): Promise<TokenisedTexts> {
    const { tokenizer: file, max_tokens, lower_case, keep, clean, pad_id: padId } = encoder.preprocessing;
    const tokenizer = await this.tokenizer(file);
    const tokens = texts.map((text) => {
      const cleaned = cleanText(text, clean);
      return tokenizer.encode(lower_case ? cleaned.toLowerCase() : cleaned, max_tokens, keep);
    });
    return { tokens, vocabulary: tokenizer.vocabSize, padId };
  }

  /** The tokenizer in a file of the folder; read once. */
  async tokenizer(file: string): Promise<TextTokenizer> {
    return await once(this.#tokenizers, file, async () =>
      loadTokenizer(JSON.parse(await readFile(await resolveInside(this.spec.dir, file), 'utf8'))),
    );
  }

  /** Releases the sessions. Idempotent. */
  async close(): Promise<void> {
    await this.#sessions.close();
  }

  /** Pixels of the images that can be encoded, side by side, and which image each of them is. */
  async #fitted(
    encoder: ImageEncoder,
    images: readonly ImageInput[],
    options: EncodeImagesOptions,
    failures: Failure[],
  ): Promise<{ readonly pixels: Uint8Array; readonly rows: readonly number[] }> {
    const { preprocessing, finder } = encoder;
    const fitted: (Uint8Array | undefined)[] = images.map(() => undefined);
    const searched: { readonly index: number; readonly picture: SearchedPicture }[] = [];
    for (const [index, image] of images.entries()) {
      try {
        const picture =
          finder === undefined
            ? { pixels: await toPixels(image, preprocessing) }
            : await preparePicture(image, preprocessing, finder);
        if ('pixels' in picture) fitted[index] = picture.pixels;
        else searched.push({ index, picture });
      } catch (error) {
        if (!(error instanceof UndertoneError)) throw error;
        failures.push({ index, error });
      }
    }
    if (finder !== undefined && searched.length > 0) {
      const pictures = searched.map(({ picture }) => picture.seen);
      const found = await this.#search(finder, pictures);
      const width = found.length / searched.length;
      for (const [i, { index, picture }] of searched.entries()) {
        const seen = cutFace(picture, preprocessing, finder, found.subarray(i * width, (i + 1) * width));
        if (seen !== undefined) fitted[index] = seen;
        else if (options.withoutFace === 'middle')
          fitted[index] = fitPicture(picture.image, picture.orientation, preprocessing);
        else failures.push({ index, error: new UndertoneError('no_face', 'no face is seen in the picture') });
      }
    }
    const rows = fitted.flatMap((one, index) => (one === undefined ? [] : [index]));
    const bytes = preprocessing.size ** 2 * 3;
    const pixels = new Uint8Array(rows.length * bytes);
    for (const [row, index] of rows.entries()) pixels.set(fitted[index] ?? [], row * bytes);
    return { pixels, rows };
  }

  /** The finder's output for pictures in its own form, side by side. */
  async #search(finder: FaceFinder, pictures: readonly Uint8Array[]): Promise<Float32Array> {
    const { size, cells } = finder;
    const bytes = size * size * 3;
    const data = new Uint8Array(pictures.length * bytes);
    for (const [i, picture] of pictures.entries()) data.set(picture, i * bytes);
    const session = await this.#sessions.open(finder.file);
    const dims = [pictures.length, size, size, 3];
    const outputs = await session.run({ [finder.inputs.pixels]: { type: 'uint8', dims, data } }, [finder.output]);
    return outputFloats(outputs, finder.output, pictures.length * cells * cells * 4);
  }

  async #pixels(encoder: ImageEncoder, pixels: Uint8Array, count: number): Promise<UnitRows> {
    if (count === 0) return { rows: new Float32Array(0), bad: [] };
    const { size } = encoder.preprocessing;
    const { dimension } = this.spec;
    const session = await this.#sessions.open(encoder.file);
    const bytes = size * size * 3;
    const embeddings = new Float32Array(count * dimension);
    for (const [first, rows] of partsOf(count, encoder.batch ?? mostImages(encoder))) {
      const part = pixels.subarray(first * bytes, (first + rows) * bytes);
      const input: TensorData =
        encoder.tensor === undefined
          ? { type: 'uint8', dims: [rows, size, size, 3], data: part }
          : { type: 'float32', dims: [rows, 3, size, size], data: toTensor(part, rows, size, encoder.tensor) };
      const outputs = await session.run({ [encoder.inputs.pixels]: input }, [encoder.output]);
      embeddings.set(outputFloats(outputs, encoder.output, rows * dimension), first * dimension);
    }
    return unitRows(embeddings, dimension);
  }

  async #runTokens(encoder: TextEncoder, rows: readonly Int32Array[], padId: number): Promise<UnitRows> {
    const session = await this.#sessions.open(encoder.file);
    const { tokens, mask, length } = padTokens(rows, padId, encoder.preprocessing.pad_to);
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
    return unitRows(outputFloats(outputs, encoder.output, rows.length * dimension), dimension);
  }
}

function mostImages({ preprocessing }: ImageEncoder): number {
  return preprocessing.size < LARGE_PIXELS ? MOST_IMAGES.small : MOST_IMAGES.large;
}

/** First row and number of rows of each run. */
function partsOf(count: number, batch: number): [first: number, rows: number][] {
  return Array.from({ length: Math.ceil(count / batch) }, (_, i) => [i * batch, Math.min(batch, count - i * batch)]);
}
