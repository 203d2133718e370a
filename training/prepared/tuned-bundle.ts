import { join } from 'node:path';
import type { Bundle } from '../../models/bundle/bundle.ts';
import type { Manifest, ManifestModality } from '../../models/bundle/manifest.ts';
import { writeBundle } from '../../models/bundle/write-bundle.ts';
import { emitOnnx } from '../../models/graph/onnx/emit.ts';
import { countParams, type ParamStore } from '../../models/graph/param.ts';
import { ADAPTER_PORTS, lexicalAdapterGraph } from '../../models/encoders/lexical-adapter.ts';
import { headsGraph } from '../../models/heads/heads-graph.ts';
import type { HeadsConfig } from '../../models/heads/trml.ts';
import type { FittedAdapter } from '../adapter/fit-adapter.ts';
import { licenceOf } from '../datasets/open-dataset.ts';
import { modelCard } from '../stages/model-card.ts';
import { encodersSaw } from './encoders-saw.ts';
import type { PreparedClips } from './prepared-clips.ts';
import { TRAINED_CLIPS } from './trained-clips.ts';

export type Measured = Pick<Manifest, 'calibration' | 'fidelity' | 'metrics'>;

export interface TunedBundleParts extends Partial<Measured> {
  /** The bundle whose encoders are kept. */
  readonly source: Bundle;
  readonly name: string;
  readonly version: string;
  readonly heads: HeadsConfig;
  readonly params: ParamStore;
  /** In place of the source's, where it has one. */
  readonly adapter?: FittedAdapter | undefined;
  readonly sets: readonly PreparedClips[];
  /** Names of the clips that heads and adapter know, see `clipName`. */
  readonly trained: Iterable<string>;
  readonly training: Manifest['training'];
}

const CARD = 'MODEL_CARD.md';
const HEADS = 'heads.onnx';
const ADAPTER = 'adapter.onnx';

/**
 * Writes a bundle with the encoders of another and heads of its own; replaces one that is there. Where the encoders are a
 * foundation model's, it names that as the other does.
 */
export async function writeTunedBundle(folder: string, parts: TunedBundleParts): Promise<Bundle> {
  const { source, name, version, heads, params, adapter, sets, trained, training } = parts;
  const { files, ...kept } = source.manifest;
  const graph = headsGraph(heads);
  const saw = encodersSaw(kept);
  const before = { name: kept.name, version: kept.version, sha256: source.sha256 };
  const manifest: Omit<Manifest, 'files'> = {
    ...kept,
    name,
    version,
    created: new Date().toISOString(),
    encoders_of: kept.encoders_of ?? before,
    modalities: adapter === undefined ? kept.modalities : kept.modalities.map(withAdapter),
    heads: { file: HEADS },
    calibration: parts.calibration ?? {},
    fidelity: parts.fidelity ?? {},
    training: {
      ...training,
      ...(saw && { encoders_saw: saw }),
      parameters: { ...(adapter && { adapter: adapter.parameters }), heads: countParams(graph) },
    },
    data: sets.flatMap(({ dataset, label, train, val }) =>
      [
        { split: 'train', n: train.n },
        { split: 'val', n: val.n },
      ].map((part) => ({
        name: label,
        ...part,
        licence: licenceOf(dataset),
      })),
    ),
    metrics: parts.metrics ?? [],
  };
  const own = {
    [HEADS]: emitOnnx(graph, { params, weights: 'float16' }),
    ...(adapter && { [ADAPTER]: adapterFile(adapter) }),
    [TRAINED_CLIPS]: `${[...trained].toSorted().join('\n')}\n`,
    [CARD]: modelCard(manifest),
  };
  const others = Object.keys(files).filter((file) => file !== kept.heads.file && !Object.hasOwn(own, file));
  return writeBundle(
    folder,
    manifest,
    { ...Object.fromEntries(others.map((file) => [file, { path: join(source.dir, file) }])), ...own },
    { replace: true },
  );
}

function withAdapter(modality: ManifestModality): ManifestModality {
  return modality.kind === 'text' ? { ...modality, adapter: { file: ADAPTER, ...ADAPTER_PORTS } } : modality;
}

function adapterFile({ config, params }: FittedAdapter): Uint8Array {
  return emitOnnx(lexicalAdapterGraph(config), { params, weights: 'float16' });
}
