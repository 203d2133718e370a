import { readImageHeader } from '../encoders/image-input/image-header.ts';
import { checkSize } from '../encoders/image-input/to-pixels.ts';
import type { Encoded, ImageInput, Prediction, TextInput, Timing, WindowInput } from '../model.ts';
import { floatsAt } from './message-stream.ts';
import { packWindows, unpackPredictions } from './window-codec.ts';
import { type WindowShape, joinWindows, predictionAt } from './windows.ts';
import type { Batch, BatchReply } from './worker-process.ts';

/** How inputs of one kind become a batch for an inference process, and its reply their results. */
export interface Lane<Input, Output> {
  /** `predict`, or the modality's name. */
  readonly name: string;
  readonly kind: 'heads' | 'text' | 'image';
  /** Inputs' weights in one batch sum to at most 1; a heavier one is a batch alone. @throws UndertoneError for bad input */
  weigh(input: Input): number;
  /** Rows of the batch that an input takes; 1 where absent. */
  rows?(input: Input): number;
  request(inputs: readonly Input[]): { readonly batch: Batch; readonly blobs: readonly Uint8Array[] };
  /** One function from index and timing to the result, per reply to those inputs. */
  results(reply: BatchReply, inputs: readonly Input[]): (index: number, timing: Timing) => Output;
}

/** Kinds in order of urgency: predictions and captions never wait behind a queue of images. */
export const URGENCY = ['heads', 'text', 'image'] as const;

/** Pixels that one batch decodes at most, so that a few huge pictures cannot use up the deadline of their batch mates. */
const PIXELS_PER_BATCH = 8_000_000;

/** Decoded frames are weighed too: a model that looks for faces gets them whole. */
export function imageLane(modality: string, dimension: number): Lane<ImageInput, Encoded> {
  return {
    name: modality,
    kind: 'image',
    weigh(input) {
      if (input.kind === 'rgb') return (input.width * input.height) / PIXELS_PER_BATCH;
      const { width, height } = readImageHeader(input.bytes);
      checkSize(width, height);
      return (width * height) / PIXELS_PER_BATCH;
    },
    request(inputs) {
      const items = inputs.map((input) =>
        input.kind === 'rgb'
          ? { bytes: input.data.length, width: input.width, height: input.height }
          : { bytes: input.bytes.length },
      );
      const blobs = inputs.map((input) => (input.kind === 'rgb' ? input.data : input.bytes));
      return { batch: { op: 'images', modality, items }, blobs };
    },
    results: ({ body }) => embeddingAt(body, dimension),
  };
}

export function textLane(modality: string, dimension: number): Lane<TextInput, Encoded> {
  return {
    name: modality,
    kind: 'text',
    weigh: () => 0,
    request: (inputs) => ({ batch: { op: 'texts', modality, texts: inputs.map(({ text }) => text) }, blobs: [] }),
    results: ({ body }) => embeddingAt(body, dimension),
  };
}

/** An input is a group of windows that stays together in one batch. */
export function headsLane(shape: WindowShape): Lane<readonly WindowInput[], readonly Prediction[]> {
  return {
    name: 'predict',
    kind: 'heads',
    weigh: () => 0,
    rows: (windows) => windows.length,
    request(inputs) {
      const windows = joinWindows(inputs.flat(), shape);
      return { batch: { op: 'windows', count: windows.count }, blobs: packWindows(windows) };
    },
    results({ body }, inputs) {
      const firsts: number[] = [];
      let count = 0;
      for (const windows of inputs) {
        firsts.push(count);
        count += windows.length;
      }
      const predictions = unpackPredictions(body, count, shape);
      return (index, timing) =>
        (inputs[index] ?? []).map((_, i) => predictionAt(predictions, (firsts[index] ?? 0) + i, shape, timing));
    },
  };
}

function embeddingAt(body: Buffer, dimension: number): (index: number, timing: Timing) => Encoded {
  return (index, timing) => ({ embedding: floatsAt(body, index * dimension * 4, dimension), timing });
}
