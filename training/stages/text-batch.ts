import type { TextTokenizer } from '../../models/encoders/tokenizer.ts';
import type { TensorData } from '../../models/runtime/session.ts';
import { padTokens } from '../../models/runtime/text-groups.ts';
import { floats } from './batch.ts';

/** Texts as inputs `tokens` int64 and `mask` [N, L], padded to the longest, and at least to `length`. */
export function textBatch(
  tokenizer: TextTokenizer,
  texts: readonly string[],
  maxTokens: number,
  length?: number,
): { readonly tokens: TensorData; readonly mask: TensorData } {
  const rows = texts.map((text) => tokenizer.encode(text, maxTokens));
  const { tokens, mask, length: padded } = padTokens(rows, tokenizer.padId, length);
  const dims = [texts.length, padded];
  return { tokens: { type: 'int64', dims, data: tokens }, mask: floats(mask, dims) };
}
