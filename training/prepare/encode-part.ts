import { hasCode, UndertoneError } from '../../models/errors.ts';
import type { ImageFit, ImageInput } from '../../models/model.ts';
import type { LocalModel } from '../../models/runtime/load-local-model.ts';
import type { Sample } from '../datasets/sample.ts';

/** RGB frames of a clip, spread evenly over it; null where it has no picture. */
export type ClipDecoder = (
  file: string,
  options: {
    readonly count: number;
    readonly image: ImageFit | undefined;
    readonly signal?: AbortSignal | undefined;
  },
) => Promise<readonly (Omit<Extract<ImageInput, { kind: 'rgb' }>, 'kind'> | null)[]>;

/** What could not be used. */
export interface BadClip {
  readonly id: string;
  readonly code: string;
  readonly message: string;
}

/** Embeddings of some samples, in order: [n, slots, d], [n, slots], [n, d], [n]. */
export interface Part {
  readonly video: Float32Array;
  readonly videoMask: Float32Array;
  readonly text: Float32Array;
  readonly textMask: Float32Array;
  readonly bad: readonly BadClip[];
}

export interface EncodePartOptions {
  readonly model: LocalModel;
  readonly decode: ClipDecoder;
  /** Notes what cannot be read instead of stopping at the first. */
  readonly skipBad: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Failures that are the file's fault; others, such as a missing ffmpeg, end everything. */
const FILE_FAULT = /^(video_|decode_|image_|data_image)/;
/** Clips decoded at once. */
const AT_ONCE = 2;

/** Decodes and encodes some samples. @throws UndertoneError as `prepareData` */
export async function encodePart(samples: readonly Sample[], options: EncodePartOptions): Promise<Part> {
  const { model } = options;
  const { dimension, modalities } = model.info;
  const image = modalities.find(({ kind }) => kind === 'image');
  const text = modalities.find(({ kind }) => kind === 'text');
  const slots = image?.slots ?? 1;
  const out = {
    video: new Float32Array(samples.length * slots * dimension),
    videoMask: new Float32Array(samples.length * slots),
    text: new Float32Array(samples.length * dimension),
    textMask: new Float32Array(samples.length),
  };
  const bad: BadClip[] = [];
  const put = (row: number, slot: number, embedding: Float32Array): void => {
    out.video.set(embedding, (row * slots + slot) * dimension);
    out.videoMask[row * slots + slot] = 1;
  };
  const encodeOne = async (sample: Sample, row: number): Promise<void> => {
    options.signal?.throwIfAborted();
    if (image === undefined) return;
    try {
      const found = await encodeFrames(sample, image.name, slots, options);
      for (const [slot, embedding] of found.entries()) if (embedding !== null) put(row, slot, embedding);
    } catch (error) {
      if (!(error instanceof UndertoneError) || !FILE_FAULT.test(error.code)) throw error;
      const code = sample.video === undefined ? 'data_image' : 'data_clip';
      bad.push({ id: sample.id, code, message: error.message });
      if (!options.skipBad) throw namedFault(code, sample.id, error);
    }
  };
  const waiting = [...samples.entries()];
  const lane = async (): Promise<void> => {
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await encodeOne(next[1], next[0]);
    } catch (error) {
      // The other lanes end with what they have at hand.
      waiting.length = 0;
      throw error;
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: AT_ONCE }, lane));
  for (const ended of lanes) if (ended.status === 'rejected') throw ended.reason;

  const having = samples.flatMap((sample, i) => (sample.text === undefined || sample.text === '' ? [] : [i]));
  if (text !== undefined && having.length > 0) {
    const rows = await model.encodeTexts(
      text.name,
      having.map((i) => samples[i]?.text ?? ''),
    );
    for (const [from, to] of having.entries()) {
      out.text.set(rows.subarray(from * dimension, (from + 1) * dimension), to * dimension);
      out.textMask[to] = 1;
    }
  }
  return { ...out, bad };
}

/** An embedding per slot, none where no face is seen; an image stands in every one. */
async function encodeFrames(
  sample: Sample,
  modality: string,
  slots: number,
  { model, decode, signal }: EncodePartOptions,
): Promise<(Float32Array | null)[]> {
  const none = Array.from({ length: slots }, () => null);
  if (sample.video !== undefined) {
    const { image } = model.info.modalities.find(({ name }) => name === modality) ?? {};
    const frames = await decode(sample.video, { image, count: slots, signal });
    const there = frames.flatMap((frame, slot) => (frame === null ? [] : [{ slot, frame }]));
    if (there.length === 0) throw new UndertoneError('video_unreadable', `${sample.video} has no pictures`);
    const { embeddings, failures } = await model.encodeImages(
      modality,
      there.map(({ frame: { width, height, data } }) => ({ kind: 'rgb', width, height, data })),
    );
    const failure = failures.find(({ error }) => error.code !== 'no_face');
    if (failure !== undefined) throw failure.error;
    const faceless = new Set(failures.map(({ index }) => index));
    const width = embeddings.length / there.length;
    return none.map((_, slot) => {
      const at = there.findIndex((each) => each.slot === slot);
      return at < 0 || faceless.has(at) ? null : embeddings.slice(at * width, (at + 1) * width);
    });
  }
  if (sample.image === undefined) return none;
  const input: ImageInput = { kind: 'image', bytes: sample.image() };
  try {
    const { embedding } = await model.encode(modality, input);
    return none.map(() => embedding);
  } catch (error) {
    if (hasCode(error, 'no_face')) return none;
    throw error;
  }
}

function namedFault(code: 'data_clip' | 'data_image', id: string, error: UndertoneError): UndertoneError {
  const message = `${id}: ${error.message} (mend the file, or leave bad ones out with --skip-bad)`;
  return code === 'data_image'
    ? new UndertoneError('data_image', message, { cause: error })
    : new UndertoneError('data_clip', message, { cause: error });
}
