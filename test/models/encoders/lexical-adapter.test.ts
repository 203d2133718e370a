import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADAPTER_PORTS, lexicalAdapterGraph } from '../../../models/encoders/lexical-adapter.ts';
import { emitOnnx } from '../../../models/graph/onnx/emit.ts';
import { bigramsOf } from '../../../models/graph/ops/index.ts';
import { random } from '../../../models/random.ts';
import { openSession, type OrtSession } from '../../../models/runtime/session.ts';
import { adaptTexts } from '../../../models/runtime/text-adapter.ts';

const CONFIG = { vocabulary: 12, padId: 0, buckets: 32, reads: 2, dimension: 4 };
const draw = random('lexical adapter');
const table = (rows: number): Float32Array =>
  Float32Array.from({ length: rows * 3 }, (_, i) => (i % 3 === 2 ? draw.uniform() : draw.normal()));
const TOKENS = table(CONFIG.vocabulary);
const PAIRS = table(CONFIG.buckets);
const DIRECTIONS = Float32Array.of(0, 0, 1, 0, 0, 0, 0, 1);
const EMBEDDING = [0.6, 0.8, 0, 0];

let session: OrtSession;
beforeAll(async () => {
  const params = new Map([
    ['adapter.tokens', TOKENS],
    ['adapter.pairs', PAIRS],
    ['adapter.directions', DIRECTIONS],
  ]);
  session = await openSession(emitOnnx(lexicalAdapterGraph(CONFIG), { params }), { threads: 1 });
});
afterAll(() => session.close());

const adapt = (texts: readonly number[][], embedding = EMBEDDING): Promise<Float32Array> =>
  adaptTexts(
    session,
    ADAPTER_PORTS,
    { tokens: texts.map((ids) => Int32Array.from(ids)), padId: CONFIG.padId },
    Float32Array.from(texts.flatMap(() => embedding)),
  );

/** What the graph does, one text at a time. */
function expected(ids: readonly number[]): number[] {
  const sums = [0, 0, 0];
  for (const [rows, at] of [
    ...ids.map((id) => [TOKENS, id] as const),
    ...bigramsOf(ids, CONFIG.buckets).map((bucket) => [PAIRS, bucket] as const),
  ])
    for (const k of [0, 1, 2]) sums[k] = (sums[k] ?? 0) + (rows[at * 3 + k] ?? 0);
  const [a = 0, b = 0, squares = 0] = sums;
  const moved = [0.6, 0.8, a / Math.sqrt(squares), b / Math.sqrt(squares)];
  return moved.map((value) => value / Math.hypot(...moved));
}

describe('the lexical adapter', () => {
  it('moves each embedding along its directions by what it reads of tokens and pairs', async () => {
    const texts = [[3, 5, 3, 7], [11], [1, 2, 3, 4, 5, 6]];
    const rows = await adapt(texts);
    for (const [i, ids] of texts.entries())
      for (const [k, value] of expected(ids).entries()) expect(rows[i * 4 + k]).toBeCloseTo(value, 5);
  });

  it('is not changed by padding, wherever it stands', async () => {
    const [alone, beside, within] = [
      await adapt([[3, 5]]),
      await adapt([[3, 5], Array(14).fill(4)]),
      await adapt([[3, 5, 0]]),
    ];
    expect(beside.subarray(0, 4)).toEqual(alone);
    expect(within).toEqual(alone);
  });

  it('leaves zeros, where the encoder failed, as they are', async () => {
    expect([...(await adapt([[3, 5, 3, 7]], [0, 0, 0, 0]))]).toEqual([0, 0, 0, 0]);
  });

  it('leaves the embedding of a text without tokens as it is', async () => {
    for (const [k, value] of (await adapt([[]])).entries()) expect(value).toBeCloseTo(EMBEDDING[k] ?? Number.NaN, 6);
  });
});
