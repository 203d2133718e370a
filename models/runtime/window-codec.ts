import { UndertoneError } from '../errors.ts';
import { SENTIMENTS } from '../model.ts';
import { bytesOf, floatsAt } from './message-stream.ts';
import type { PredictionBatch, WindowBatch, WindowShape } from './windows.ts';

/** Windows as they go to an inference process. */
export function packWindows({ embeddings, masks }: Omit<WindowBatch, 'count'>): Uint8Array[] {
  return [...embeddings, ...masks].map(bytesOf);
}

/** What {@link packWindows} packed. @throws UndertoneError `inference_crashed` when the body has another length */
export function unpackWindows(body: Buffer, count: number, { modalities, dimension }: WindowShape): WindowBatch {
  const { take, end } = reader(body);
  const embeddings = modalities.map(({ slots }) => take(count * slots * dimension));
  const masks = modalities.map(({ slots }) => take(count * slots));
  end();
  return { count, embeddings, masks };
}

/** Predictions as they come back. */
export function packPredictions(predictions: PredictionBatch): Uint8Array[] {
  const { score, logVariance, sentimentLogits, emotionLogits, virtual } = predictions;
  return [score, logVariance, sentimentLogits, emotionLogits, ...virtual].map(bytesOf);
}

/** What {@link packPredictions} packed. @throws UndertoneError `inference_crashed` when the body has another length */
export function unpackPredictions(body: Buffer, count: number, shape: WindowShape): PredictionBatch {
  const { take, end } = reader(body);
  const predictions = {
    score: take(count),
    logVariance: take(count),
    sentimentLogits: take(count * SENTIMENTS.length),
    emotionLogits: take(count * shape.emotions.length),
    virtual: shape.modalities.map(() => take(count * shape.dimension)),
  };
  end();
  return predictions;
}

/** Copies numbers out of a body, one part after another; `end` checks that none is left. */
function reader(body: Buffer) {
  let at = 0;
  const take = (length: number): Float32Array => {
    const floats = floatsAt(body, at, length);
    at += floats.byteLength;
    return floats;
  };
  const end = (): void => {
    if (at !== body.length)
      throw new UndertoneError('inference_crashed', 'a batch of windows has another size than said');
  };
  return { take, end };
}
