import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bundle } from '../../models/bundle/bundle.ts';
import { findBundle } from '../../models/bundle/find-bundle.ts';
import type { Manifest } from '../../models/bundle/manifest.ts';
import { readBundle } from '../../models/bundle/read-bundle.ts';
import { writeBundle } from '../../models/bundle/write-bundle.ts';
import { textEncoderGraph } from '../../models/encoders/encoder-graphs.ts';
import { buildVision } from '../../models/foundation/rewrite/build-vision.ts';
import { CLIP_SCALE } from '../../models/foundation/rewrite/clip-scale.ts';
import { VISION_PORTS } from '../../models/foundation/vit/export-vision.ts';
import { randomVision, VIT_B32 } from '../../models/foundation/vit/random-vision.ts';
import type { Graph } from '../../models/graph/graph.ts';
import { emitOnnx } from '../../models/graph/onnx/emit.ts';
import { initParams } from '../../models/graph/param.ts';
import { headsGraph } from '../../models/heads/heads-graph.ts';
import { compact } from '../../training/recipes/compact.ts';

type Precision = 'int8' | 'float32';

/** Lends a bundle of {@link writeVitBundle} to `use`, and removes it. */
export async function withVitBundle<T>(precision: Precision, use: (bundle: Bundle) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'undertone-vit-'));
  try {
    return await use(await writeVitBundle(folder, precision));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Writes a bundle whose image encoder is a CLIP ViT-B/32 of random weights, rewritten as `models pull` does it, with a
 * small text encoder and heads of its width. Made for speed: what it predicts means nothing.
 */
async function writeVitBundle(folder: string, precision: Precision): Promise<Bundle> {
  const dir = join(folder, 'vit-b32', '0.0.1');
  const { manifest, dir: shipped } = await readBundle(findBundle('undertone-compact'));
  const { dimension, imageSize: size } = VIT_B32;
  const random = (g: Graph): Uint8Array => emitOnnx(g, { params: initParams(g, 1) });
  const modalities = manifest.modalities.map((modality): Manifest['modalities'][number] =>
    modality.kind === 'text'
      ? modality
      : {
          ...modality,
          encoder: {
            file: 'image.onnx',
            output: VISION_PORTS.output,
            inputs: { pixels: 'pixels' },
            preprocessing: { size, fit: 'cover', filter: 'bicubic', resize: size },
          },
        },
  );
  const vocabulary = 8192;
  return writeBundle(
    dir,
    { ...manifest, name: 'vit-b32', version: '0.0.1', dimension, modalities, calibration: {}, metrics: [] },
    {
      'image.onnx': buildVision(randomVision(VIT_B32, 1), {
        pixels: CLIP_SCALE,
        output: VISION_PORTS.output,
        precision,
      }),
      'text.onnx': random(textEncoderGraph({ ...compact.text, dimension, vocabulary })),
      'heads.onnx': random(headsGraph({ ...compact.heads, dimension, fill: 'virtual' })),
      'tokenizer.json': await readFile(join(shipped, 'tokenizer.json')),
      'MODEL_CARD.md': '# ViT-B/32\n\nRandom weights, for measuring speed.\n',
    },
  );
}
