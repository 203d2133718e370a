import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withExternalData } from '../../../support/external-data.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compareEmbeddings } from '../../../../models/foundation/rewrite/compare-embeddings.ts';
import { rewriteFile, type RewriteFileOptions } from '../../../../models/foundation/rewrite/rewrite-file.ts';
import { sampleImages } from '../../../../models/foundation/rewrite/sample-images.ts';
import { SIGLIP_SCALE } from '../../../../models/foundation/rewrite/siglip-scale.ts';
import { openVisionEncoder, type VisionFeed } from '../../../../models/foundation/rewrite/vision-encoder.ts';
import { exportVision } from '../../../../models/foundation/vit/export-vision.ts';
import { randomVision } from '../../../../models/foundation/vit/random-vision.ts';

const OUTPUT = 'pooler_output';
const size = { imageSize: 32, patch: 8, width: 16, heads: 2, layers: 2, feed: 32, dimension: 16 };
const siglip = randomVision({ ...size, activation: 'gelu_tanh', form: 'siglip' }, 1);

describe('rewriteFile', () => {
  let folder: string;
  const at = (name: string): string => join(folder, name);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'undertone-rewrite-'));
    writeFileSync(at('model.onnx'), exportVision(siglip, { output: OUTPUT }));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function encode(file: string, feed: VisionFeed): Promise<Float32Array> {
    const encoder = await openVisionEncoder(readFileSync(at(file)), feed, { size: size.imageSize, output: OUTPUT });
    try {
      return await encoder.encode(sampleImages(2, size.imageSize, 5), 2);
    } finally {
      await encoder.close();
    }
  }

  it("takes the embedding by its name, with the mean and deviation of the model's own preprocessing", async () => {
    const { mean: image_mean, std: image_std } = SIGLIP_SCALE;
    writeFileSync(at('config.json'), JSON.stringify({ size: { height: 32, width: 32 }, image_mean, image_std }));
    const options = { output: OUTPUT, preprocessing: at('config.json') };
    const report = await rewriteFile(at('model.onnx'), at('out.onnx'), options);
    expect(report.precision).toBe('float32');
    const original = await encode('model.onnx', { kind: 'tensor', input: 'pixel_values', scale: SIGLIP_SCALE });
    const rewritten = await encode('out.onnx', { kind: 'bytes' });
    expect(compareEmbeddings(original, rewritten, 2).min).toBeGreaterThan(0.999999);
  });

  it.each([
    ['the model itself', 'model.onnx', /is the model itself/],
    ['a file of its weights', 'model.onnx_data', /is a file of its weights/],
  ])('refuses to replace %s', async (_, to, message) => {
    const { onnx, data } = withExternalData(readFileSync(at('model.onnx')), 'model.onnx_data');
    writeFileSync(at('model.onnx'), onnx);
    writeFileSync(at('model.onnx_data'), data);
    await expect(rewriteFile(at('model.onnx'), at(to), { output: OUTPUT })).rejects.toThrow(
      expect.objectContaining({ code: 'rewrite_file', message: expect.stringMatching(message) as unknown }),
    );
    expect(readFileSync(at('model.onnx')).equals(onnx)).toBe(true);
    expect(readFileSync(at('model.onnx_data')).equals(data)).toBe(true);
  });

  it.each([
    ['the name of another output', { output: 'embeds' }, 'rewrite_unrecognised', /found pooler_output, last_hidden/],
    ['no preprocessing there', { output: OUTPUT, preprocessing: 'nowhere.json' }, 'rewrite_file', /nowhere.json/],
    ['a preprocessing that is none', { output: OUTPUT, preprocessing: 'model.onnx' }, 'rewrite_file', /model.onnx/],
    ['another preprocessing', { output: OUTPUT, preprocessing: 'other.json' }, 'foundation_config', /resample 1/],
  ])('refuses %s', async (_, options: RewriteFileOptions, code, message) => {
    writeFileSync(at('other.json'), JSON.stringify({ size: 32, resample: 1 }));
    const { preprocessing } = options;
    const config = preprocessing === undefined ? {} : { preprocessing: at(preprocessing) };
    await expect(rewriteFile(at('model.onnx'), at('out.onnx'), { ...options, ...config })).rejects.toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) as unknown }),
    );
  });
});
