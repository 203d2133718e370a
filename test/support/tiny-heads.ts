import { emitOnnx } from '../../models/graph/onnx/emit.ts';
import { initParams } from '../../models/graph/param.ts';
import { headsGraph } from '../../models/heads/heads-graph.ts';
import type { Bundle } from '../../models/bundle/bundle.ts';
import type { Manifest, ManifestModality } from '../../models/bundle/manifest.ts';
import { writeBundle } from '../../models/bundle/write-bundle.ts';
import type { FoundationManifest } from '../../models/foundation/foundation-manifest.ts';

const EMOTIONS = ['neutral', 'happy', 'sad'];
const SLOTS = 4;

/** Writes a bundle of small random heads for a foundation model that is installed. */
export async function writeTinyHeads(
  dir: string,
  foundation: FoundationManifest,
  change: Partial<Manifest> = {},
): Promise<Bundle> {
  const manifest: Omit<Manifest, 'files'> = {
    format: 1,
    name: 'tiny-heads',
    version: '1.0.0',
    licence: 'Apache-2.0',
    created: '2026-01-01T00:00:00.000Z',
    foundation: { name: foundation.name, revision: foundation.revision },
    dimension: foundation.dimension,
    window_ms: 1000,
    hop_ms: 250,
    modalities: foundation.encoders.map((part): ManifestModality =>
      part.kind === 'image'
        ? { name: 'video', kind: 'image', slots: SLOTS, encoder: part.encoder }
        : { name: 'text', kind: 'text', slots: 1, encoder: part.encoder },
    ),
    emotions: EMOTIONS,
    heads: { file: 'heads.onnx' },
    calibration: {},
    training: {},
    data: [],
    metrics: [],
    ...change,
  };
  const g = headsGraph({
    dimension: manifest.dimension,
    slots: SLOTS,
    temporal: 8,
    pooling: 'gru',
    inference: 16,
    task: 8,
    emotions: EMOTIONS.length,
    dropout: 0,
    fill: 'virtual',
  });
  return await writeBundle(dir, manifest, { 'heads.onnx': emitOnnx(g, { params: initParams(g, 5) }) });
}
