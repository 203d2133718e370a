import { join } from 'node:path';
import type { InstalledFoundation } from '../../models/foundation/installed.ts';
import type { ParamStore } from '../../models/graph/param.ts';
import { loadLocalModel, type LocalModel } from '../../models/runtime/load-local-model.ts';
import type { OnBad } from '../datasets/sink.ts';
import { fingerprintOf } from '../embeddings/cached-rows.ts';
import { inOwnOut } from '../in-own-out.ts';
import { lazily } from '../lazily.ts';
import { clipSource } from '../pools/clip-set.ts';
import { labelsOfFaces } from '../pools/face-pool.ts';
import { labelsOfPairs } from '../pools/pair-pool.ts';
import type { Recipe } from '../recipes/recipe.ts';
import { drawClips } from '../stages/evaluate-stage.ts';
import { finishBundle, VALIDATION_CLIPS } from '../stages/finish-bundle.ts';
import { trainHeadsRuns } from '../stages/heads-runs.ts';
import { addPairs } from '../stages/pairs-stage.ts';
import type { TrainOptions } from '../train.ts';
import { interruptible, leftOut } from '../training-stage.ts';
import { writeBootstrapBundle } from './bootstrap-bundle.ts';
import { encodePool, type EncodedPool } from './encode-pool.ts';
import { writeHeadsBundle } from './heads-bundle.ts';

/** Of the recipe, what belongs to the encoders is not used. `out` gets the embeddings, too. */
export interface TrainFoundationOptions extends TrainOptions {
  readonly foundation: InstalledFoundation;
  /** Most items of each data set that are encoded. */
  readonly limit: number;
}

/**
 * Length of the noise on embeddings. The encoders have not seen the training data before, so that less is needed than for
 * encoders trained on it.
 */
const NOISE = 0.3;

/**
 * Trains temporal encoder, inference heads and task head on the embeddings of an installed foundation model, with the
 * stages, baselines, calibration and evaluation of a recipe. Encoding and training go on where a run stopped.
 *
 * @returns the folder of the bundle, which holds the heads and names the model
 * @throws UndertoneError of the data sets (`data_*`), the foundation model's, `out_unwritable`, `out_busy`, `checkpoint_*`,
 * `training_diverged`; the signal's reason
 */
export async function trainFoundation(options: TrainFoundationOptions): Promise<string> {
  return inOwnOut(options.out, () => trainHere(interruptible(options)));
}

async function trainHere(options: TrainFoundationOptions): Promise<string> {
  const { foundation, out, onStage } = options;
  const { name, dimension, revision, encoders, files } = foundation.manifest;
  const { heads, clips: composing } = options.recipe;
  const recipe: Recipe = {
    ...options.recipe,
    name: `${name}-heads`,
    heads: { ...heads, dimension },
    clips: {
      ...composing,
      variants: 1,
      noise: { video: NOISE, text: NOISE },
      composition: { ...composing.composition, variants: 1 },
    },
  };
  onStage?.('opening the foundation model');
  const first = await writeBootstrapBundle({ foundation, out: join(out, 'bootstrap') });
  const model = await loadLocalModel({ bundle: first.dir });
  try {
    // The embeddings are those of the encoders as installed, whatever the heads beside them.
    const sha256 = fingerprintOf({
      bundle: revision,
      items: encoders.map((part) => `${JSON.stringify(part)} ${files[part.encoder.file]}`),
    });
    const info = { ...model.info, sha256 };
    const encoding = { model: { ...model, info }, cache: join(out, 'embeddings') };
    const onBad = leftOut(options);
    const pools = await encodePools({ ...options, ...encoding, recipe, onBad });
    const { threads, onEncoded, onProgress, signal } = options;
    const { faces, utterances, shown, said, pairs, data } = pools.train;
    const print = fingerprintOf({
      bundle: sha256,
      items: [
        [recipe.seed, options.limit, recipe.heads, recipe.clips, recipe.pairs ?? null, data],
        [labelsOfFaces(faces), utterances, labelsOfPairs(pairs)],
      ].map((part) => JSON.stringify(part)),
    });
    const clips = clipSource(faces, utterances, clipOptions(recipe));
    const material = lazily(() =>
      addPairs({ faces: shown, texts: said, clips }, { ...encoding, recipe, pairs, onEncoded, signal }),
    );
    const trained = await trainHeadsRuns({
      recipe,
      threads,
      material,
      out,
      fingerprint: (variant) => fingerprintOf({ bundle: print, items: [JSON.stringify(variant)] }),
      onStage,
      onProgress,
      signal,
    });
    return await finish({ ...options, recipe, onBad }, options.recipe.name, pools, trained);
  } finally {
    await model.close();
  }
}

/** Who is told of what is left out. */
interface Telling {
  readonly onBad: OnBad | undefined;
}

interface Pools {
  readonly train: EncodedPool;
  readonly val: EncodedPool;
}

async function encodePools(
  options: TrainFoundationOptions & Telling & { readonly model: LocalModel; readonly cache: string },
): Promise<Pools> {
  const { model, recipe, data, cache, limit, skipBad = false, onBad, onStage, onEncoded, signal } = options;
  onStage?.('encoding faces and utterances');
  const encoding = { model, recipe, data, cache, skipBad, onBad, signal, limit };
  const progress = onEncoded === undefined ? {} : { onProgress: onEncoded };
  return {
    train: await encodePool({ ...encoding, ...progress, split: 'train' }),
    val: await encodePool({ ...encoding, ...progress, split: 'val' }),
  };
}

async function finish(
  { foundation, recipe, data, limit, out, note, onStage, onBad, signal }: TrainFoundationOptions & Telling,
  madeBy: string,
  { train, val }: Pools,
  trained: Readonly<Record<string, ParamStore>>,
): Promise<string> {
  const draw = clipSource(val.faces, val.utterances, clipOptions(recipe));
  const { pairs } = recipe;
  return finishBundle({
    recipe,
    data,
    out,
    onStage,
    onBad,
    signal,
    faceSizes: false,
    clips: (name) => ({
      clips: drawClips(draw, VALIDATION_CLIPS, name, recipe.seed),
      faces: val.shown,
      texts: val.said,
    }),
    write: (folder, { key, fill }, measured) =>
      writeHeadsBundle(folder, {
        foundation: foundation.manifest,
        name: recipe.name,
        version: recipe.version,
        config: { ...recipe.heads, fill },
        params: trained[key] ?? new Map(),
        window: recipe.window,
        training: {
          ...(note === undefined ? {} : { note }),
          limit,
          recipe: {
            name: madeBy,
            seed: recipe.seed,
            heads: recipe.heads,
            clips: recipe.clips,
            ...(pairs === undefined ? {} : { pairs }),
          },
        },
        data: [...train.data],
        ...measured,
      }),
  });
}

function clipOptions({ heads, clips }: Recipe) {
  return { slots: heads.slots, scored: clips.scored, composition: clips.composition };
}
