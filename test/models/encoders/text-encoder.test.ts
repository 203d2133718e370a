import { afterAll, beforeAll, expect, it } from 'vitest';
import { textEncoderGraph } from '../../../models/encoders/encoder-graphs.ts';
import { emitOnnx } from '../../../models/graph/onnx/emit.ts';
import { initParams } from '../../../models/graph/param.ts';
import { openSession, type OrtSession } from '../../../models/runtime/session.ts';

const READER = { width: 16, layers: 1, heads: 2, feedForward: 24, dimension: 8, dropout: 0 };
const BAG = { ...READER, layers: 0, bigrams: { buckets: 101, width: 16 } };
const CONFIG = { vocabulary: 40, maxTokens: 12, branches: [READER, BAG], dimension: 16 };

let session: OrtSession;
beforeAll(async () => {
  const graph = textEncoderGraph(CONFIG);
  session = await openSession(emitOnnx(graph, { params: initParams(graph, 5) }), { threads: 1 });
});
afterAll(() => session.close());

async function encode(ids: readonly number[], length = ids.length, padding = 0): Promise<number[]> {
  const dims = [1, length];
  const data = BigInt64Array.from({ length }, (_, i) => BigInt(ids[i] ?? padding));
  const mask = Float32Array.from({ length }, (_, i) => Number(i < ids.length));
  const { embedding } = await session.run({
    tokens: { type: 'int64', dims, data },
    mask: { type: 'float32', dims, data: mask },
  });
  return Array.from(embedding?.data as Float32Array);
}

it.each([[[7]], [[3, 9]], [[3, 9, 4, 9, 3]]])(
  'gives %j the same embedding however much padding follows',
  async (ids) => {
    const alone = await encode(ids);
    expect(Math.hypot(...alone)).toBeCloseTo(1, 5);
    for (const padding of [0, 39]) {
      const padded = await encode(ids, 12, padding);
      for (const [i, value] of padded.entries()) expect(value).toBeCloseTo(alone[i] ?? Number.NaN, 5);
    }
  },
);

it('tells the order of words', async () => {
  const [forward, backward] = [await encode([3, 9, 4]), await encode([4, 9, 3])];
  expect(Math.max(...forward.map((value, i) => Math.abs(value - (backward[i] ?? 0))))).toBeGreaterThan(1e-3);
});
