import { join } from 'node:path';
import { initParams, type ParamStore } from '../models/graph/param.ts';
import { headsGraph } from '../models/heads/heads-graph.ts';
import { loadLocalModel } from '../models/runtime/load-local-model.ts';
import type { LoopProgress } from './engine/train-loop.ts';
import { fingerprint } from './fingerprint.ts';
import { inOwnOut } from './in-own-out.ts';
import { lazily } from './lazily.ts';
import { clipSource } from './pools/clip-set.ts';
import { labelsOfPairs } from './pools/pair-pool.ts';
import type { Recipe } from './recipes/recipe.ts';
import { alignTexts } from './stages/align-stage.ts';
import { writeTrainedBundle } from './stages/bundle-stage.ts';
import { embedFaces, embedUtterances } from './stages/embed-stage.ts';
import { drawClips, type ClipSet } from './stages/evaluate-stage.ts';
import { finishBundle, VALIDATION_CLIPS } from './stages/finish-bundle.ts';
import { areHeadsFinished, trainHeadsRuns } from './stages/heads-runs.ts';
import { addPairs, type ClipMaterial } from './stages/pairs-stage.ts';
import { prepare, type Prepared } from './stages/prepare.ts';
import { textsOf } from './stages/texts-of.ts';
import { trainEncoders } from './train-encoders.ts';
import { interruptible, leftOut } from './training-stage.ts';

export interface TrainOptions {
  readonly recipe: Recipe;
  /** Folder that holds the data sets. */
  readonly data: string;
  /** Folder of the run: checkpoints, and the bundle at the end. A run with the same recipe goes on where it stopped. */
  readonly out: string;
  readonly skipBad?: boolean;
  /** A bundle whose image encoder, and face finder where the recipe trains that no other way, are kept: its name, name@version or folder. */
  readonly imagesOf?: string | undefined;
  /** A bundle whose tokenizer and text branches are kept; only those that the recipe has beyond them are trained. */
  readonly textsOf?: string | undefined;
  /** For the manifest and the model card: what of this run its command alone does not tell. */
  readonly note?: string | undefined;
  /** Threads of onnxruntime; default 2. */
  readonly threads?: number | undefined;
  readonly onStage?: (what: string) => void;
  readonly onEncoded?: (what: string, done: number, total: number) => void;
  readonly onProgress?: (stage: string, progress: LoopProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Makes a bundle: data, encoders, embeddings, heads (and the heads of two baselines that fill with zeros), calibration,
 * evaluation, export. Each training stage resumes from its checkpoint in `out`.
 *
 * @returns the bundle's folder
 * @throws UndertoneError of the data sets (`data_*`), `out_unwritable`, `out_busy` where another run trains into `out`, `checkpoint_*`,
 * `training_diverged`; the signal's reason
 */
export async function train(options: TrainOptions): Promise<string> {
  return inOwnOut(options.out, () => trainHere(interruptible(options)));
}

async function trainHere(options: TrainOptions): Promise<string> {
  const { recipe, out, onStage, signal } = options;
  const keptTexts = options.textsOf === undefined ? undefined : await textsOf(options.textsOf, recipe);
  const onBad = leftOut(options);
  const prepared = await prepare(recipe, options.data, out, {
    onStage,
    onBad,
    signal,
    tokenizerJson: keptTexts?.tokenizerJson,
    picturesLater: await areHeadsFinished(out),
  });

  const { encoders, embedded, teachers, sources, print } = await trainEncoders(options, prepared, keptTexts);
  const data = [...prepared.data, ...teachers];
  const material = lazily(async () => {
    const { faces, texts, utterances } = await embedded();
    const clips = clipSource(prepared.faces, utterances, clipOptions(recipe, recipe.clips.variants));
    return withPairs(options, prepared, { encoders, print, material: { faces, texts, clips } });
  });
  const trained = await trainHeadsRuns({
    recipe,
    threads: options.threads,
    material,
    out,
    fingerprint: (variant) =>
      fingerprint(print, recipe.heads, recipe.clips, recipe.pairs, labelsOfPairs(prepared.pairs), variant),
    onStage,
    onProgress: options.onProgress,
    signal,
  });
  return finishBundle({
    recipe,
    data: options.data,
    out,
    onStage,
    onBad,
    faceSizes: recipe.finder !== undefined,
    signal,
    clips: await validationClips(options, encoders, prepared),
    write: (folder, { key, fill }, measured) =>
      writeTrainedBundle(folder, {
        recipe,
        prepared: { ...prepared, data },
        encoders,
        heads: trained[key] ?? new Map(),
        fill,
        note: options.note,
        sources,
        ...measured,
      }),
  });
}

/** Adds the recipe's pairs, encoded as the exported encoders will encode them in use. */
async function withPairs(
  { recipe, out, onStage, onEncoded, signal }: TrainOptions,
  prepared: Prepared,
  trained: { readonly encoders: ParamStore; readonly print: string; readonly material: ClipMaterial },
): Promise<ClipMaterial> {
  const { encoders, print, material } = trained;
  if (prepared.pairs.length === 0) return material;
  onStage?.('encoding pairs');
  const bundle = join(out, 'encoders');
  const untrained = initParams(headsGraph({ ...recipe.heads, fill: 'virtual' }), recipe.seed);
  await writeTrainedBundle(bundle, { recipe, prepared, encoders, heads: untrained });
  const opened = await loadLocalModel({ bundle });
  try {
    const model = { ...opened, info: { ...opened.info, sha256: print } };
    const cache = join(out, 'embeddings');
    return await addPairs(material, { recipe, model, pairs: prepared.pairs, cache, onEncoded, signal });
  } finally {
    await opened.close();
  }
}

/** Encodes the validation data once, for clips of any name. */
async function validationClips(
  { recipe, threads, signal }: TrainOptions,
  encoders: ParamStore,
  prepared: Prepared,
): Promise<(name: string) => ClipSet> {
  const { validationFaces, validationUtterances, tokenizer } = prepared;
  const draw = clipSource(validationFaces, validationUtterances, clipOptions(recipe, 1));
  const embedding = { variants: 1, threads, signal };
  const faces = await embedFaces(recipe, encoders, validationFaces, embedding);
  const said = await embedUtterances(recipe, encoders, tokenizer, validationUtterances, embedding);
  const texts = await alignTexts(recipe, encoders, said);
  return (name) => ({ clips: drawClips(draw, VALIDATION_CLIPS, name, recipe.seed), faces, texts });
}

function clipOptions(recipe: Recipe, variants: number) {
  const { scored, composition } = recipe.clips;
  return { slots: recipe.heads.slots, scored, composition: { ...composition, variants } };
}
