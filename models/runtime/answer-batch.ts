import { UndertoneError } from '../errors.ts';
import type { ImageInput } from '../model.ts';
import type { TimedInputs } from './encoder-runner.ts';
import { bytesOf, floatsAt } from './message-stream.ts';
import type { ModelRunner } from './model-runner.ts';
import type { WindowBatch } from './windows.ts';
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
  const result = await runner.predict(windowsOf(runner, request.count, body));
  const { score, logVariance, sentimentLogits, emotionLogits, virtual } = result;
  return {
    faults: [],
    decodeMs: 0,
    blobs: [score, logVariance, sentimentLogits, emotionLogits, ...virtual].map(bytesOf),
  };
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

function windowsOf(runner: ModelRunner, count: number, body: Buffer): WindowBatch {
  const { modalities, dimension } = runner.spec.manifest;
  let at = 0;
  const take = (length: number): Float32Array => {
    const floats = floatsAt(body, at, length);
    at += length * Float32Array.BYTES_PER_ELEMENT;
    return floats;
  };
  const embeddings = modalities.map(({ slots }) => take(count * slots * dimension));
  const masks = modalities.map(({ slots }) => take(count * slots));
  if (at !== body.length)
    throw new UndertoneError('inference_crashed', 'a batch of windows has another size than said');
  return { count, embeddings, masks };
}
