import type { TextTokenizer } from '../../models/encoders/tokenizer.ts';
import type { TensorData } from '../../models/runtime/session.ts';
import { floats } from './batch.ts';

/** Texts as inputs `tokens` int64 and `mask` [N, length], padded; a text without tokens counts as one of padding. */
export function textBatch(
  tokenizer: TextTokenizer,
  texts: readonly string[],
  maxTokens: number,
  length?: number,
): { readonly tokens: TensorData; readonly mask: TensorData } {
  const rows = texts.map((text) => tokenizer.encode(text, maxTokens));
  const width = length ?? Math.max(1, ...rows.map((row) => row.length));
  const dims = [texts.length, width];
  const tokens = new BigInt64Array(texts.length * width).fill(BigInt(tokenizer.padId));
  const mask = new Float32Array(texts.length * width);
  for (const [i, row] of rows.entries()) {
    for (const [j, id] of row.entries()) tokens[i * width + j] = BigInt(id);
    mask.fill(1, i * width, i * width + Math.max(1, row.length));
  }
  return { tokens: { type: 'int64', dims, data: tokens }, mask: floats(mask, dims) };
}
