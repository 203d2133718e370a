import { findBundle } from '../bundle/find-bundle.ts';
import { readBundle } from '../bundle/read-bundle.ts';
import { UndertoneError } from '../errors.ts';
import type { DeviceInfo, Encoded, ImageInput, Prediction, SentimentModel, Timing, WindowInput } from '../model.ts';
import { asImage, asText, unknownModality } from './check-input.ts';
import { defaultWorkers, readRuntimeConfig } from './config.ts';
import { deviceName } from './device-name.ts';
import { modelInfo } from './model-info.ts';
import { embeddingsOf } from './embeddings-of.ts';
import type { EncodedInputs, EncodeImagesOptions, TokenisedTexts } from './encoder-runner.ts';
import { ModelRunner, type EncodeTextsOptions } from './model-runner.ts';
import { checkWindow, joinWindows, predictionAt } from './windows.ts';

export interface LoadLocalModelOptions {
  /** Name, name@version or folder; the default is the configured bundle. */
  readonly bundle?: string;
  readonly provider?: DeviceInfo['provider'];
  /** Threads inside one operator; the default is one per core. */
  readonly threads?: number;
  /** Ends loading, and calls between two batches, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** A model on the calling thread, with bulk calls for evaluation and training. Calls block while they compute. */
export interface LocalModel extends SentimentModel {
  /** The bundle's folder. */
  readonly dir: string;
  /** Decodes, fits and encodes; images at fault are told in `failures`, their rows are zeros. */
  encodeImages(modality: string, images: readonly ImageInput[], options?: EncodeImagesOptions): Promise<EncodedInputs>;
  /** @param pixels uint8 `[count, size, size, 3]`, already fitted @returns `[count, d]` */
  encodePixels(modality: string, pixels: Uint8Array, count: number): Promise<Float32Array>;
  /** @returns `[texts.length, d]` */
  encodeTexts(modality: string, texts: readonly string[], options?: EncodeTextsOptions): Promise<Float32Array>;
  /** @param embeddings `[texts.length, d]`, the encoder's own @returns the same, moved by the adapter where there is one */
  adaptTexts(modality: string, texts: readonly string[], embeddings: Float32Array): Promise<Float32Array>;
  /** Texts as the text encoder is given them. */
  tokenise(modality: string, texts: readonly string[]): Promise<TokenisedTexts>;
}

/** Windows that go through the heads at once: enough to fill the graph, few enough to stay in the caches. */
const MOST_WINDOWS = 128;

/**
 * Verifies a bundle and opens it in this process: for scripts that have nothing else to do meanwhile.
 *
 * @throws UndertoneError `bundle_*` (see readBundle), `bad_setting`; opening and running throw `model_unreadable`;
 * the reason of `signal`
 */
export async function loadLocalModel(options: LoadLocalModelOptions = {}): Promise<LocalModel> {
  const bundle = await readBundle(findBundle(options.bundle ?? readRuntimeConfig().bundle), options.signal);
  const { manifest, dir, encoders } = bundle;
  const provider = options.provider ?? 'cpu';
  const threads = options.threads ?? defaultWorkers();
  const runner = new ModelRunner({ dir, manifest, encoders, provider, threads }, options.signal);
  const info = modelInfo(bundle, { provider, name: deviceName(provider), workers: 0 });
  let closed = false;
  const open = (): ModelRunner => {
    if (closed) throw new UndertoneError('model_closed', 'the model was closed');
    return runner;
  };

  const predictBatch = async (windows: readonly WindowInput[]): Promise<readonly Prediction[]> => {
    for (const window of windows) checkWindow(window, manifest);
    const predictions: Prediction[] = [];
    for (let start = 0; start < windows.length; start += MOST_WINDOWS) {
      const part = windows.slice(start, start + MOST_WINDOWS);
      const startedMs = performance.now();
      const batch = await open().predict(joinWindows(part, manifest));
      const timing = timingSince(startedMs);
      predictions.push(...part.map((_, index) => predictionAt(batch, index, manifest, timing)));
    }
    return predictions;
  };

  return {
    info,
    dir,
    encode: async (modality, input): Promise<Encoded> => {
      const startedMs = performance.now();
      const kind = info.modalities.find(({ name }) => name === modality)?.kind;
      if (kind === undefined) throw unknownModality(modality, info);
      const encoded =
        kind === 'text'
          ? await open().encodeTexts(modality, [asText(modality, input).text])
          : await open().encodeImages(modality, [asImage(modality, input)]);
      return { embedding: embeddingsOf(encoded), timing: timingSince(startedMs) };
    },
    predict: async (window) => {
      const [prediction] = await predictBatch([window]);
      if (prediction === undefined) throw new UndertoneError('inference_crashed', 'the heads gave no prediction');
      return prediction;
    },
    encodeImages: async (modality, images, choice) => await open().encodeImages(modality, images, choice),
    encodePixels: async (modality, pixels, count) => await open().encodePixels(modality, pixels, count),
    encodeTexts: async (modality, texts, choice) => embeddingsOf(await open().encodeTexts(modality, texts, choice)),
    adaptTexts: async (modality, texts, embeddings) => await open().adaptTexts(modality, texts, embeddings),
    tokenise: async (modality, texts) => await open().tokenise(modality, texts),
    predictBatch,
    close: async () => {
      closed = true;
      await runner.close();
    },
  };
}

function timingSince(startedMs: number): Timing {
  return { queueMs: 0, computeMs: performance.now() - startedMs };
}
