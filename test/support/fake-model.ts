import { UndertoneError } from '../../models/errors.ts';
import { random } from '../../models/random.ts';
import type {
  Calibration,
  Encoded,
  EncoderInput,
  ModalitySpec,
  ModelInfo,
  Prediction,
  SentimentModel,
  WindowInput,
} from '../../models/model.ts';
import type { Clock } from '../../pipeline/frames.ts';

export interface FakeModelOptions {
  /** Needed for latencies other than 0. */
  readonly clock?: Clock;
  readonly dimension?: number;
  readonly windowMs?: number;
  readonly hopMs?: number;
  readonly modalities?: readonly ModalitySpec[];
  readonly emotions?: readonly string[];
  readonly calibration?: Calibration;
}

/** A model whose embeddings are hashes of its inputs, with latencies and failures on demand. */
export interface FakeModel extends SentimentModel {
  /** Milliseconds of the model's clock that an input waits for its turn, before a newer one may take its place. */
  queueMs: number;
  /** Milliseconds of the model's clock that a call takes. */
  encodeMs: number;
  predictMs: number;
  /** Return a code to make that call reject with it. */
  failEncode: ((modality: string, input: EncoderInput) => string | undefined) | undefined;
  failPredict: ((window: WindowInput) => string | undefined) | undefined;
  /** What was asked for, newest last; text inputs by their text. At most the last 1,000. */
  readonly encoded: { modality: string; input: EncoderInput }[];
  readonly windows: WindowInput[];
  readonly calls: {
    encode: number;
    predict: number;
    mostRunning: number;
    mostEncoding: number;
    mostPredicting: number;
    /** Windows of every batch, newest last. At most the last 1,000. */
    batches: number[];
  };
}

export const FAKE_MODALITIES: readonly ModalitySpec[] = [
  { name: 'video', kind: 'image', slots: 8 },
  { name: 'text', kind: 'text', slots: 1 },
];

const FAKE_EMOTIONS = ['neutral', 'happy', 'sad'] as const;

/** A unit vector that only depends on the key. */
export function hashEmbedding(key: string, dimension: number): Float32Array {
  const stream = random('fake-model', key);
  return unit(Float32Array.from({ length: dimension }, () => stream.normal()));
}

/** A frame's bytes that the fake model accepts; the same tag gives the same embedding. */
export function fakeImage(tag: string | number): { kind: 'image'; bytes: Uint8Array } {
  return { kind: 'image', bytes: new TextEncoder().encode(`image ${tag}`) };
}

/** An image that the fake model refuses with `image_corrupt`. */
export function corruptImage(): { kind: 'image'; bytes: Uint8Array } {
  return { kind: 'image', bytes: new TextEncoder().encode('corrupt') };
}

/** An image that the fake model refuses with `no_face`. */
export function facelessImage(): { kind: 'image'; bytes: Uint8Array } {
  return { kind: 'image', bytes: new TextEncoder().encode('faceless') };
}

const REFUSED: Readonly<Record<string, string>> = { corrupt: 'image_corrupt', faceless: 'no_face' };

export function fakeModel(options: FakeModelOptions = {}): FakeModel {
  const { clock, dimension = 16 } = options;
  const info: ModelInfo = {
    name: 'fake',
    version: '1.0.0',
    sha256: '0'.repeat(64),
    dimension,
    windowMs: options.windowMs ?? 4000,
    hopMs: options.hopMs ?? 250,
    modalities: options.modalities ?? FAKE_MODALITIES,
    emotions: options.emotions ?? FAKE_EMOTIONS,
    calibration: options.calibration ?? {},
    fidelity: { video: 0.5, text: 0.5 },
    device: { provider: 'cpu', name: 'fake', workers: 1 },
  };
  let closed = false;

  let encoding = 0;
  let predicting = 0;

  const wait = async (ms: number): Promise<void> => {
    if (ms > 0 && clock) await new Promise<void>((resolve) => void clock.schedule(ms, resolve));
  };
  const call = async <T>(latencyMs: number, code: string | undefined, work: () => T): Promise<T> => {
    if (closed) throw new UndertoneError('model_closed', 'the model is closed');
    await wait(latencyMs);
    if (code !== undefined) throw new UndertoneError(code, `asked to fail with ${code}`);
    return work();
  };

  const model: FakeModel = {
    info,
    queueMs: 0,
    encodeMs: 0,
    predictMs: 0,
    failEncode: undefined,
    failPredict: undefined,
    encoded: [],
    windows: [],
    calls: { encode: 0, predict: 0, mostRunning: 0, mostEncoding: 0, mostPredicting: 0, batches: [] },
    async encode(modality, given, { newer } = {}): Promise<Encoded> {
      model.calls.encode++;
      model.calls.mostEncoding = Math.max(model.calls.mostEncoding, ++encoding);
      model.calls.mostRunning = Math.max(model.calls.mostRunning, encoding + predicting);
      try {
        const { queueMs, encodeMs: computeMs } = model;
        let input = given;
        // Without a queue a call has its turn at once, before anything newer is there.
        if (queueMs > 0) {
          await wait(queueMs);
          input = newer?.() ?? given;
        }
        remember(model.encoded, { modality, input });
        const key = contentKey(input);
        const code = model.failEncode?.(modality, input) ?? REFUSED[key];
        return await call(computeMs, code, () => ({
          embedding: hashEmbedding(`${modality}:${key}`, dimension),
          timing: { queueMs, computeMs },
        }));
      } finally {
        encoding--;
      }
    },
    async predict(window): Promise<Prediction> {
      const [prediction] = await model.predictBatch([window]);
      if (!prediction) throw new Error('one window has one prediction');
      return prediction;
    },
    predictBatch(windows): Promise<readonly Prediction[]> {
      model.calls.predict += windows.length;
      remember(model.calls.batches, windows.length);
      for (const window of windows) remember(model.windows, window);
      const code = windows.map((window) => model.failPredict?.(window)).find((found) => found !== undefined);
      const computeMs = model.predictMs;
      model.calls.mostPredicting = Math.max(model.calls.mostPredicting, ++predicting);
      model.calls.mostRunning = Math.max(model.calls.mostRunning, encoding + predicting);
      return call(computeMs, code, () => windows.map((window) => predictWindow(info, window, computeMs))).finally(
        () => predicting--,
      );
    },
    close() {
      closed = true;
      return Promise.resolve();
    },
  };
  return model;
}

/** The mean of what was observed decides everything; a virtual embedding is the mean of the other modalities. */
function predictWindow(info: ModelInfo, window: WindowInput, computeMs: number): Prediction {
  const names = info.modalities.map((modality) => modality.name);
  const all = meanOf(info, window, names);
  const value = (i: number): number => all[i % all.length] ?? 0;
  return {
    score: 3 * Math.tanh(2 * value(0)),
    logVariance: value(1),
    sentimentLogits: Float32Array.of(-value(0), 0, value(0)).map((x) => x * 4),
    emotionLogits: Float32Array.from(info.emotions, (_, i) => 3 * value(i + 2)),
    virtual: Object.fromEntries(
      names.map((name) => [
        name,
        unit(
          meanOf(
            info,
            window,
            names.filter((other) => other !== name),
          ),
        ),
      ]),
    ),
    timing: { queueMs: 0, computeMs },
  };
}

function meanOf(info: ModelInfo, window: WindowInput, names: readonly string[]): Float32Array {
  const sum = new Float32Array(info.dimension);
  let n = 0;
  for (const name of names) {
    const part = window[name];
    if (!part) throw new Error(`the window lacks modality ${name}`);
    for (let slot = 0; slot < part.mask.length; slot++) {
      if (!part.mask[slot]) continue;
      n++;
      for (let i = 0; i < info.dimension; i++)
        sum[i] = (sum[i] ?? 0) + (part.embeddings[slot * info.dimension + i] ?? 0);
    }
  }
  return sum.map((x) => x / Math.max(1, n));
}

function unit(vector: Float32Array): Float32Array {
  const norm = Math.hypot(...vector);
  if (norm === 0) return vector.map((_, i) => (i === 0 ? 1 : 0));
  return vector.map((x) => x / norm);
}

function contentKey(input: EncoderInput): string {
  if (input.kind === 'text') return input.text;
  return new TextDecoder().decode(input.kind === 'image' ? input.bytes : input.data);
}

function remember<T>(list: T[], item: T): void {
  list.push(item);
  if (list.length > 1000) list.splice(0, 500);
}
