import type { Bundle } from '../../models/bundle/bundle.ts';
import type { Manifest, ManifestModality } from '../../models/bundle/manifest.ts';
import { writeBundle } from '../../models/bundle/write-bundle.ts';
import type { FoundationManifest } from '../../models/foundation/foundation-manifest.ts';
import { emitOnnx } from '../../models/graph/onnx/emit.ts';
import { countParams, type ParamStore } from '../../models/graph/param.ts';
import { headsGraph } from '../../models/heads/heads-graph.ts';
import type { HeadsConfig } from '../../models/heads/trml.ts';
import { EMOTIONS } from '../datasets/emotions.ts';
import type { Recipe } from '../recipes/recipe.ts';
import { modelCard } from '../stages/model-card.ts';

/** Heads for an installed foundation model, and what is known of them. */
export interface HeadsBundleParts {
  readonly foundation: FoundationManifest;
  readonly name: string;
  readonly version: string;
  readonly config: HeadsConfig;
  readonly params: ParamStore;
  readonly window: Recipe['window'];
  /** For the manifest: how they were made. */
  readonly training: Manifest['training'];
  readonly data?: Manifest['data'];
  readonly calibration?: Manifest['calibration'] | undefined;
  readonly fidelity?: Manifest['fidelity'] | undefined;
  readonly metrics?: Manifest['metrics'] | undefined;
}

/**
 * Writes a bundle that holds heads alone and names the foundation model and revision whose embeddings they take; replaces
 * one that is there.
 */
export async function writeHeadsBundle(folder: string, parts: HeadsBundleParts): Promise<Bundle> {
  const { foundation, name, version, config, params, window, training } = parts;
  const graph = headsGraph(config);
  const manifest: Omit<Manifest, 'files'> = {
    format: 1,
    name,
    version,
    licence: 'Apache-2.0',
    created: new Date().toISOString(),
    foundation: { name: foundation.name, revision: foundation.revision },
    dimension: foundation.dimension,
    window_ms: window.windowMs,
    hop_ms: window.hopMs,
    modalities: foundation.encoders.map((part): ManifestModality =>
      part.kind === 'image'
        ? { name: 'video', kind: 'image', slots: config.slots, encoder: part.encoder }
        : { name: 'text', kind: 'text', slots: 1, encoder: part.encoder },
    ),
    emotions: [...EMOTIONS],
    heads: { file: 'heads.onnx' },
    calibration: parts.calibration ?? {},
    ...(parts.fidelity === undefined ? {} : { fidelity: parts.fidelity }),
    training: { ...training, parameters: { heads: countParams(graph) } },
    data: parts.data ?? [],
    metrics: parts.metrics ?? [],
  };
  const files = { 'heads.onnx': emitOnnx(graph, { params, weights: 'float16' }), 'MODEL_CARD.md': modelCard(manifest) };
  return writeBundle(folder, manifest, files, { replace: true });
}
