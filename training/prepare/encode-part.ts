import { hasCode, UndertoneError } from '../../models/errors.ts';
import type { ImageFit, ImageInput } from '../../models/model.ts';
import type { LocalModel } from '../../models/runtime/load-local-model.ts';
import type { Sample } from '../datasets/sample.ts';
import { emptyTable, type EmbeddedRows } from '../sweep/clip-table.ts';

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

/** What came of some samples. */
export interface Part {
  /** Row i is sample i. */
  readonly rows: EmbeddedRows;
  /** Samples that are encoded: the others could not be read, or were not reached. */
  readonly done: readonly number[];
  readonly bad: readonly BadClip[];
  /** Samples whose clip has sound alone: their texts are encoded. Only with `skipBad`. */
  readonly soundOnly: readonly number[];
  /** Samples whose clip cannot be read otherwise: their texts are encoded. Only with `skipBad`. */
  readonly unreadClips: readonly { readonly row: number; readonly fault: BadClip }[];
  /** Why it ended before the last sample, such as the signal's reason. */
  readonly stopped?: unknown;
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

/**
 * Decodes and encodes some samples. What ends it early is in `stopped`, beside what was done until then: errors as
 * `prepareData` has them, and the signal's reason.
 */
export async function encodePart(samples: readonly Sample[], options: EncodePartOptions): Promise<Part> {
  const { model, skipBad, signal } = options;
  const { dimension, modalities } = model.info;
  const image = modalities.find(({ kind }) => kind === 'image');
  const rows = emptyTable(samples.length, image?.slots ?? 1, dimension);
  const done: number[] = [];
  const bad: BadClip[] = [];
  const soundOnly: number[] = [];
  const unreadClips: Part['unreadClips'][number][] = [];
  const encodeOne = async (sample: Sample, row: number): Promise<void> => {
    signal?.throwIfAborted();
    try {
      if (image !== undefined) putFrames(rows, row, await encodeFrames(sample, image.name, rows.slots, options));
      done.push(row);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof UndertoneError) || !FILE_FAULT.test(error.code)) throw error;
      const code = sample.video === undefined ? 'data_image' : 'data_clip';
      const fault = { id: sample.id, code, message: error.message };
      const isTextKept = skipBad && sample.video !== undefined && rows.textMask[row] === 1;
      if (!isTextKept) bad.push(fault);
      else if (error.code === 'video_no_stream') soundOnly.push(row);
      else unreadClips.push({ row, fault });
      if (!skipBad) throw namedFault(code, sample.id, error);
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
  await encodeSaid(samples, rows, model);
  const lanes = await Promise.allSettled(Array.from({ length: AT_ONCE }, lane));
  const ended = lanes.find(({ status }) => status === 'rejected');
  return {
    rows,
    done,
    bad,
    soundOnly,
    unreadClips,
    ...(ended?.status === 'rejected' ? { stopped: ended.reason as unknown } : {}),
  };
}

/** Encodes the texts that there are. */
async function encodeSaid(samples: readonly Sample[], rows: EmbeddedRows, model: LocalModel): Promise<void> {
  const modality = model.info.modalities.find(({ kind }) => kind === 'text');
  const having = samples.flatMap(({ text = '' }, row) => (text === '' ? [] : [{ text, row }]));
  if (modality === undefined || having.length === 0) return;
  const { dimension } = rows;
  const said = await model.encodeTexts(
    modality.name,
    having.map(({ text }) => text),
    { adapted: false },
  );
  for (const [from, { row }] of having.entries()) {
    rows.text.set(said.subarray(from * dimension, (from + 1) * dimension), row * dimension);
    rows.textMask[row] = 1;
  }
}

function putFrames(rows: EmbeddedRows, row: number, frames: readonly (Float32Array | null)[]): void {
  const { slots, dimension } = rows;
  for (const [slot, embedding] of frames.entries()) {
    if (embedding === null) continue;
    rows.video.set(embedding, (row * slots + slot) * dimension);
    rows.videoMask[row * slots + slot] = 1;
  }
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
