import { describe, expect, it } from 'vitest';
import { imageEncoder } from '../../../models/encoders/image-encoder.ts';
import { textEncoder } from '../../../models/encoders/text-encoder.ts';
import { apply } from '../../../models/graph/component.ts';
import { trmlHeads, type HeadsConfig } from '../../../models/heads/trml.ts';
import { random } from '../../../models/random.ts';
import { parityOf, type ParityCase } from './parity-error.ts';

const TOLERANCE = 1e-5;
const BATCH = 4;
const draw = random('parity test');

const IMAGE = { size: 16, widths: [8, 12], blocks: [1, 1], placeChannels: 4, dimension: 16, dropout: 0 };
const image: ParityCase = {
  batch: BATCH,
  build: (g, batch) => ({
    embedding: apply(g, imageEncoder(IMAGE), 'image', g.input('pixels', [batch, 16, 16, 3], 'uint8')),
  }),
  feeds: {
    pixels: {
      type: 'uint8',
      dims: [BATCH, 16, 16, 3],
      data: Uint8Array.from({ length: BATCH * 16 * 16 * 3 }, () => draw.int(256)),
    },
  },
};

const READER = { width: 16, layers: 2, heads: 2, feedForward: 24, dimension: 8, dropout: 0 };
const TEXT = {
  vocabulary: 40,
  maxTokens: 7,
  branches: [READER, { ...READER, layers: 0, bigrams: { buckets: 31, width: 6 } }],
  dimension: 16,
};
const text: ParityCase = {
  batch: BATCH,
  build: (g, batch) => ({
    embedding: apply(g, textEncoder(TEXT), 'text', {
      tokens: g.input('tokens', [batch, 7], 'int64'),
      mask: g.input('mask', [batch, 7]),
    }),
  }),
  feeds: {
    tokens: {
      type: 'int64',
      dims: [BATCH, 7],
      data: BigInt64Array.from({ length: BATCH * 7 }, () => BigInt(draw.int(40))),
    },
    mask: {
      type: 'float32',
      dims: [BATCH, 7],
      data: Float32Array.from({ length: BATCH * 7 }, (_, i) => Number(i % 7 < 2 + Math.floor(i / 7))),
    },
  },
};

const heads = (
  pooling: HeadsConfig['pooling'],
  fill: HeadsConfig['fill'],
  more: Partial<HeadsConfig> = {},
): ParityCase => ({
  batch: BATCH,
  build: (g, batch) => ({
    ...apply(
      g,
      trmlHeads({
        dimension: 12,
        slots: 3,
        temporal: 12,
        pooling,
        inference: 16,
        task: 8,
        emotions: 7,
        dropout: 0,
        fill,
        ...more,
      }),
      'heads',
      {
        video: g.input('video', [batch, 3, 12]),
        videoMask: g.input('video_mask', [batch, 3]),
        text: g.input('text', [batch, 1, 12]),
        textMask: g.input('text_mask', [batch, 1]),
      },
    ),
  }),
  feeds: {
    video: {
      type: 'float32',
      dims: [BATCH, 3, 12],
      data: Float32Array.from({ length: BATCH * 36 }, () => draw.normal() / 3),
    },
    video_mask: {
      type: 'float32',
      dims: [BATCH, 3],
      data: Float32Array.of(1, 1, 1, 0, 1, 0, 0, 0, 0, 1, 1, 0),
    },
    text: {
      type: 'float32',
      dims: [BATCH, 1, 12],
      data: Float32Array.from({ length: BATCH * 12 }, () => draw.normal() / 3),
    },
    text_mask: { type: 'float32', dims: [BATCH, 1], data: Float32Array.of(1, 1, 1, 0) },
  },
});

describe('the training graph computes what the exported model computes', () => {
  it.each([
    ['image encoder', image],
    ['text encoder', text],
    ['heads, recurrent, virtual embeddings', heads('gru', 'virtual')],
    ['heads, recurrent, zeros', heads('gru', 'zero')],
    ['heads, mean, virtual embeddings', heads('mean', 'virtual')],
    ['heads, transformer, deeper, virtual embeddings', heads('transformer', 'virtual', { depth: 2 })],
    ['heads, missing frames dropped', heads('gru', 'virtual', { frames: 'drop' })],
  ])('%s', async (_, given) => {
    const { error, rowError } = await parityOf(given);
    expect(error).toBeLessThan(TOLERANCE);
    expect(rowError).toBeLessThan(TOLERANCE);
  });

  it.each([
    ['float16', 5e-3],
    ['int8', 2e-2],
  ] as const)('stays near with weights stored as %s, which are not the same', async (weights, most) => {
    const { error } = await parityOf({ ...text, weights });
    expect(error).toBeLessThan(most);
  });
});
