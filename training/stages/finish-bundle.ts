import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { loadLocalModel, type LocalModel } from '../../models/runtime/load-local-model.ts';
import type { HeadsConfig } from '../../models/heads/trml.ts';
import type { OnBad } from '../datasets/sink.ts';
import type { Recipe } from '../recipes/recipe.ts';
import type { BundleParts } from './bundle-stage.ts';
import {
  calibrateOnWindows,
  evaluateClips,
  evaluateDatasets,
  evaluateFaceSizes,
  evaluatePairs,
  usualFidelity,
  windowsOf,
  type ClipSet,
  type ManifestMetrics,
  type MeasureOptions,
} from './evaluate-stage.ts';
import { HEADS_RUNS } from './heads-runs.ts';
import { clipTruths } from '../evaluation/evaluate-clips.ts';

/** Clips of the validation data, for calibration and again for the metrics. */
export const VALIDATION_CLIPS = 3000;

export interface FinishOptions {
  readonly recipe: Recipe;
  readonly data: string;
  /** Folder of the run. */
  readonly out: string;
  /** Writes the bundle of one of {@link HEADS_RUNS} to a folder, with what was measured of it once that is known. */
  readonly write: (
    folder: string,
    run: { readonly key: string; readonly fill: HeadsConfig['fill'] },
    measured?: Pick<BundleParts, 'calibration' | 'fidelity' | 'metrics'>,
  ) => Promise<unknown>;
  /** Validation clips of a name, with the embeddings that the bundle gives. */
  readonly clips: (name: string) => ClipSet;
  /** Whether faces are measured as parts of frames, too. */
  readonly faceSizes: boolean;
  /** Is told of rows and images that are left out of what is measured; without it the first that is bad ends the run. */
  readonly onBad?: OnBad | undefined;
  readonly onStage?: ((what: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Calibrates and measures the exported graphs, as users will run them, beside both baselines, then writes the bundle with
 * the figures. Until then one that is there stays as it is.
 *
 * @returns its folder
 * @throws UndertoneError `data_*`; the signal's reason
 */
export async function finishBundle(options: FinishOptions): Promise<string> {
  const { recipe, out, write, clips, onStage } = options;
  onStage?.('exporting');
  const folder = join(out, 'bundle', recipe.name, recipe.version);
  const exported = join(out, 'exported');
  const opened: LocalModel[] = [];
  const open = async (dir: string, run: Parameters<FinishOptions['write']>[1]): Promise<LocalModel> => {
    await write(dir, run);
    const model = await loadLocalModel({ bundle: dir });
    opened.push(model);
    return model;
  };
  const own = { key: 'heads', fill: 'virtual' } as const;
  try {
    const model = await open(exported, own);
    const others: Record<string, LocalModel> = {};
    for (const { key, variant } of HEADS_RUNS)
      if (key !== own.key) others[key] = await open(join(out, 'baselines', key), { key, fill: variant.fill });
    onStage?.('calibrating');
    const fitted = clips('calibration');
    const windows = windowsOf(fitted);
    const calibration = await calibrateOnWindows(model, windows, clipTruths(fitted.clips), recipe.seed);
    const fidelity = await usualFidelity(model, windows);
    const names = [...recipe.faces, ...recipe.texts].map(({ dataset }) => dataset);
    const metrics = [
      ...(await evaluateDatasets(model, measuring(options), names, onStage)),
      ...(await pairs(model, options)),
      ...(options.faceSizes ? await faceSizes(model, options) : []),
    ];
    onStage?.('evaluating composed clips');
    metrics.push(...(await evaluateClips(model, clips('evaluation'), recipe.seed, others, calibration)));
    await write(folder, own, { calibration, fidelity, metrics });
  } finally {
    await Promise.all(opened.map((model) => model.close()));
    await rm(exported, { recursive: true, force: true });
  }
  return folder;
}

function measuring({ data, onBad, signal }: FinishOptions): MeasureOptions {
  return { data, skipBad: onBad !== undefined, onBad, signal };
}

async function pairs(model: LocalModel, options: FinishOptions): Promise<ManifestMetrics> {
  const { recipe, onStage } = options;
  if (recipe.pairs === undefined) return [];
  onStage?.(`evaluating ${recipe.pairs.dataset}`);
  return evaluatePairs(model, { ...measuring(options), dataset: recipe.pairs.dataset });
}

async function faceSizes(model: LocalModel, options: FinishOptions): Promise<ManifestMetrics> {
  const { recipe, onStage } = options;
  const [first] = recipe.faces;
  if (first === undefined) return [];
  onStage?.('evaluating faces in frames');
  const backgrounds = recipe.finder?.backgrounds?.dataset;
  return evaluateFaceSizes(model, { ...measuring(options), dataset: first.dataset, backgrounds });
}
