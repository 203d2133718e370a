import type { TextEncoderConfig } from '../../models/encoders/text-encoder.ts';
import { faceFinderGraph, imageEncoderGraph, textEncoderGraph } from '../../models/encoders/encoder-graphs.ts';
import { writeBundle } from '../../models/bundle/write-bundle.ts';
import type { FaceFinder, Manifest } from '../../models/bundle/manifest.ts';
import { emitOnnx } from '../../models/graph/onnx/emit.ts';
import { countParams, type ParamStore } from '../../models/graph/param.ts';
import { headsGraph } from '../../models/heads/heads-graph.ts';
import type { HeadsConfig } from '../../models/heads/trml.ts';
import { EMOTIONS } from '../datasets/emotions.ts';
import { finderCells } from '../../models/encoders/face-finder.ts';
import type { FinderStageConfig, Recipe } from '../recipes/recipe.ts';
import { modelCard } from './model-card.ts';
import type { KeptSources } from './kept-params.ts';
import type { Prepared } from './prepare.ts';

export interface BundleParts {
  readonly recipe: Recipe;
  readonly prepared: Pick<Prepared, 'tokenizer' | 'tokenizerJson' | 'data'>;
  readonly encoders: ParamStore;
  readonly heads: ParamStore;
  readonly fill?: HeadsConfig['fill'] | undefined;
  readonly calibration?: Manifest['calibration'];
  readonly fidelity?: Manifest['fidelity'];
  readonly metrics?: Manifest['metrics'];
  readonly note?: string | undefined;
  /** Bundles that parts of the encoders were taken from. */
  readonly sources?: KeptSources;
}

/** Fewer bits than they are trained with measure the same here, and make up less of what a clone downloads. */
const WEIGHTS = { image: 'float16', finder: 'float16', text: 'int8', heads: 'float16' } as const;

/** Writes encoders, heads, tokenizer, manifest and model card as a bundle; replaces one that is there. */
export async function writeTrainedBundle(folder: string, parts: BundleParts): Promise<void> {
  const { recipe, prepared, fill = 'virtual', calibration = {}, fidelity = {}, metrics = [], note, sources } = parts;
  const { finder } = recipe;
  const text: TextEncoderConfig = { ...recipe.text, vocabulary: prepared.tokenizer.vocabSize };
  const graphs = {
    image: imageEncoderGraph(recipe.image),
    ...(finder === undefined ? {} : { finder: faceFinderGraph(finder.model) }),
    text: textEncoderGraph(text),
    heads: headsGraph({ ...recipe.heads, fill }),
  };
  const manifest: Omit<Manifest, 'files'> = {
    format: 1,
    name: recipe.name,
    version: recipe.version,
    licence: 'Apache-2.0',
    created: new Date().toISOString(),
    dimension: recipe.heads.dimension,
    window_ms: recipe.window.windowMs,
    hop_ms: recipe.window.hopMs,
    modalities: [
      {
        name: 'video',
        kind: 'image',
        slots: recipe.heads.slots,
        encoder: {
          file: 'image.onnx',
          output: 'embedding',
          inputs: { pixels: 'pixels' },
          preprocessing: { size: recipe.image.size, fit: 'cover', filter: 'area' },
          ...(finder === undefined ? {} : { finder: finderOf(finder) }),
        },
      },
      {
        name: 'text',
        kind: 'text',
        slots: 1,
        encoder: {
          file: 'text.onnx',
          output: 'embedding',
          inputs: { tokens: 'tokens', mask: 'mask' },
          preprocessing: {
            tokenizer: 'tokenizer.json',
            max_tokens: recipe.text.maxTokens,
            pad_id: prepared.tokenizer.padId,
            lower_case: false,
          },
        },
      },
    ],
    emotions: [...EMOTIONS],
    heads: { file: 'heads.onnx' },
    calibration,
    fidelity,
    training: {
      recipe,
      ...sources,
      ...(note === undefined ? {} : { note }),
      weights: WEIGHTS,
      parameters: Object.fromEntries(Object.entries(graphs).map(([name, graph]) => [name, countParams(graph)])),
    },
    data: [...prepared.data],
    metrics,
  };
  const params: ParamStore = new Map([...parts.encoders, ...parts.heads]);
  await writeBundle(
    folder,
    manifest,
    {
      ...Object.fromEntries(
        Object.entries(graphs).map(([name, graph]) => [
          `${name}.onnx`,
          emitOnnx(graph, { params, weights: WEIGHTS[name as keyof typeof WEIGHTS] }),
        ]),
      ),
      'tokenizer.json': prepared.tokenizerJson,
      'MODEL_CARD.md': modelCard(manifest),
    },
    { replace: true },
  );
}

function finderOf({ model, use }: FinderStageConfig): FaceFinder {
  return {
    file: 'finder.onnx',
    output: 'faces',
    inputs: { pixels: 'pixels' },
    size: model.size,
    cells: finderCells(model),
    from_side: use.fromSide,
    frame_side: use.frameSide,
    min_confidence: use.minConfidence,
  };
}
