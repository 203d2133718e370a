import type { TextAdapter } from '../bundle/manifest.ts';
import type { TokenisedTexts } from './encoder-runner.ts';
import { hasRow } from './has-row.ts';
import { outputFloats } from './output-floats.ts';
import type { OrtSession } from './session.ts';
import { MOST_TEXTS, groupByLength, padTokens } from './text-groups.ts';

/** Embeddings [n, d] of texts, moved by an adapter; rows of zeros, where the encoder failed, stay zeros. */
export async function adaptTexts(
  session: OrtSession,
  { inputs, output }: Pick<TextAdapter, 'inputs' | 'output'>,
  { tokens, padId }: Pick<TokenisedTexts, 'tokens' | 'padId'>,
  embeddings: Float32Array,
): Promise<Float32Array> {
  const dimension = embeddings.length / Math.max(1, tokens.length);
  const moved = new Float32Array(embeddings.length);
  const copy = (to: Float32Array, i: number, from: Float32Array, j: number): void =>
    to.set(from.subarray(j * dimension, (j + 1) * dimension), i * dimension);
  for (const group of groupByLength(
    tokens.map(({ length }) => length),
    MOST_TEXTS,
  )) {
    const { tokens: data, length } = padTokens(
      group.map((i) => tokens[i] ?? new Int32Array()),
      padId,
    );
    const own = new Float32Array(group.length * dimension);
    for (const [to, from] of group.entries()) copy(own, to, embeddings, from);
    const outputs = await session.run(
      {
        [inputs.tokens]: { type: 'int64', dims: [group.length, length], data },
        [inputs.embedding]: { type: 'float32', dims: [group.length, dimension], data: own },
      },
      [output],
    );
    const rows = outputFloats(outputs, output, group.length * dimension);
    for (const [from, to] of group.entries()) if (hasRow(own, from, dimension)) copy(moved, to, rows, from);
  }
  return moved;
}
