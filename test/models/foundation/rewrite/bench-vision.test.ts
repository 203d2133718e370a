import { describe, expect, it } from 'vitest';
import { benchVision } from '../../../../models/foundation/rewrite/bench-vision.ts';
import { compareEmbeddings } from '../../../../models/foundation/rewrite/compare-embeddings.ts';
import { formatRewrite } from '../../../../models/foundation/rewrite/format-rewrite.ts';
import { formatVisionBench } from '../../../../models/foundation/rewrite/format-bench.ts';
import { sampleImages } from '../../../../models/foundation/rewrite/sample-images.ts';

describe('benchVision', () => {
  it.each([
    { activation: 'quick_gelu', form: 'clip' },
    { activation: 'gelu_tanh', form: 'siglip' },
  ] as const)('has a row for each encoder and batch, with ratios and agreement: $form', async (kind) => {
    const size = { imageSize: 16, patch: 8, width: 16, heads: 2, layers: 2, feed: 32, dimension: 8 };
    const report = await benchVision({ size: { ...size, ...kind }, batches: [1, 3], rounds: 3 });
    expect(report.rows.map(({ encoder, batch }) => `${encoder} ${batch}`)).toEqual(
      [1, 3].flatMap((batch) => [`float32 ${batch}`, `rewritten float32 ${batch}`, `rewritten int8 ${batch}`]),
    );
    for (const { encoder, ratio, cosine } of report.rows) {
      expect(Number.isFinite(ratio)).toBe(true);
      expect(cosine.min).toBeGreaterThan(encoder === 'rewritten int8' ? 0.995 : 0.99999);
    }
    expect(report.bytes['rewritten int8']).toBeLessThan(report.bytes.float32);
    const table = formatVisionBench(report);
    expect(table).toContain('x float32');
    expect(table.split('\n').filter((line) => line.startsWith('rewritten int8'))).toHaveLength(2);
  });
});

describe('sampleImages', () => {
  it('draws the same pictures for a seed, and others for another image or seed', () => {
    const two = sampleImages(2, 24, 1);
    expect(sampleImages(1, 24, 1)).toEqual(two.subarray(0, 24 * 24 * 3));
    expect(two.subarray(24 * 24 * 3)).not.toEqual(two.subarray(0, 24 * 24 * 3));
    expect(sampleImages(1, 24, 2)).not.toEqual(sampleImages(1, 24, 1));
    expect(new Set(two).size).toBeGreaterThan(50);
  });
});

describe('compareEmbeddings', () => {
  it('gives the worst and the mean agreement, beside that of different images', () => {
    const original = Float32Array.of(1, 0, 0, 1);
    expect(compareEmbeddings(original, Float32Array.of(2, 0, 1, 1), 2)).toEqual({
      min: expect.closeTo(Math.SQRT1_2, 5),
      mean: expect.closeTo((1 + Math.SQRT1_2) / 2, 5),
      between: 0,
    });
    expect(compareEmbeddings(original, new Float32Array(4), 2).min).toBe(0);
  });
});

describe('formatRewrite', () => {
  it('has speed, agreement and what agreement is worth', () => {
    const text = formatRewrite({
      precision: 'int8',
      images: 16,
      cosine: { min: 0.9991, mean: 0.9995, between: 0.9 },
      bytes: { original: 350e6, rewritten: 90e6 },
      framesPerS: { original: 10, rewritten: 35, ratio: 3.5 },
    });
    expect(text).toContain('0.99910 at least');
    expect(text).toContain('different images: 0.900');
    expect(text).toContain('3.50 times');
  });
});
