import type { ImageInput } from '../model.ts';
import type { TimedInputs } from './encoder-runner.ts';
import { bytesOf } from './message-stream.ts';
import type { ModelRunner } from './model-runner.ts';
import { packPredictions, unpackWindows } from './window-codec.ts';
import type { BatchRequest, Fault, ImageItem } from './worker-messages.ts';

export interface BatchAnswer {
  readonly faults: readonly Fault[];
  /** Milliseconds in which images were decoded and fitted. */
  readonly decodeMs: number;
  readonly blobs: readonly Uint8Array[];
}

/** Computes what a batch asks for. Inputs at fault come back as faults; anything else that fails throws. */
export async function answerBatch(runner: ModelRunner, request: BatchRequest, body: Buffer): Promise<BatchAnswer> {
  if (request.op === 'images')
    return answerOf(await runner.encodeImages(request.modality, imagesOf(request.items, body)));
  if (request.op === 'texts') {
    return answerOf({ ...(await runner.encodeTexts(request.modality, request.texts)), decodeMs: 0 });
  }
  const predictions = await runner.predict(unpackWindows(body, request.count, runner.spec.manifest));
  return { faults: [], decodeMs: 0, blobs: packPredictions(predictions) };
}

function answerOf({ embeddings, failures, decodeMs }: TimedInputs): BatchAnswer {
  const faults = failures.map(({ index, error }): Fault => [index, error.code, error.message]);
  return { faults, decodeMs, blobs: [bytesOf(embeddings)] };
}

function imagesOf(items: readonly ImageItem[], body: Buffer): ImageInput[] {
  let at = 0;
  return items.map((item): ImageInput => {
    const data = body.subarray(at, (at += item.bytes));
    return 'width' in item
      ? { kind: 'rgb', width: item.width, height: item.height, data }
      : { kind: 'image', bytes: data };
  });
}
