import { join } from 'node:path';
import type { Bundle } from '../../models/bundle/bundle.ts';
import type { Manifest } from '../../models/bundle/manifest.ts';
import { writeBundle } from '../../models/bundle/write-bundle.ts';
import { emitOnnx } from '../../models/graph/onnx/emit.ts';
import { countParams, type ParamStore } from '../../models/graph/param.ts';
import { headsGraph } from '../../models/heads/heads-graph.ts';
import type { HeadsConfig } from '../../models/heads/trml.ts';
import { licenceOf } from '../datasets/open-dataset.ts';
import { modelCard } from '../stages/model-card.ts';
import type { PreparedClips } from './prepared-clips.ts';

export type Measured = Pick<Manifest, 'calibration' | 'fidelity' | 'metrics'>;

export interface TunedBundleParts extends Partial<Measured> {
  /** The bundle whose encoders are kept. */
  readonly source: Bundle;
  readonly name: string;
  readonly version: string;
  readonly heads: HeadsConfig;
  readonly params: ParamStore;
  readonly sets: readonly PreparedClips[];
  readonly training: Manifest['training'];
}

const CARD = 'MODEL_CARD.md';

/**
 * Writes a bundle with the encoders of another and heads of its own; replaces one that is there. Where the encoders are a
 * foundation model's, it names that as the other does.
 */
export async function writeTunedBundle(folder: string, parts: TunedBundleParts): Promise<Bundle> {
  const { source, name, version, heads, params, sets, training } = parts;
  const { files, ...kept } = source.manifest;
  const graph = headsGraph(heads);
  const before = { name: kept.name, version: kept.version, sha256: source.sha256 };
  const manifest: Omit<Manifest, 'files'> = {
    ...kept,
    name,
    version,
    created: new Date().toISOString(),
    encoders_of: kept.encoders_of ?? before,
    heads: { file: 'heads.onnx' },
    calibration: parts.calibration ?? {},
    fidelity: parts.fidelity ?? {},
    training: { ...training, parameters: { heads: countParams(graph) } },
    data: sets.flatMap(({ dataset, train, val }) =>
      [
        { split: 'train', n: train.n },
        { split: 'val', n: val.n },
      ].map((part) => ({
        name: dataset,
        ...part,
        licence: licenceOf(dataset),
      })),
    ),
    metrics: parts.metrics ?? [],
  };
  const encoders = Object.keys(files).filter((file) => file !== kept.heads.file && file !== CARD);
  return writeBundle(
    folder,
    manifest,
    {
      ...Object.fromEntries(encoders.map((file) => [file, { path: join(source.dir, file) }])),
      'heads.onnx': emitOnnx(graph, { params, weights: 'float16' }),
      [CARD]: modelCard(manifest),
    },
    { replace: true },
  );
}
