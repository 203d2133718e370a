import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findBundle } from '../../models/bundle/find-bundle.ts';
import type { Bundle } from '../../models/bundle/bundle.ts';
import { readBundle } from '../../models/bundle/read-bundle.ts';
import { headsGraph } from '../../models/heads/heads-graph.ts';
import type { HeadsConfig } from '../../models/heads/trml.ts';
import { UndertoneError } from '../../models/errors.ts';
import { loadLocalModel } from '../../models/runtime/load-local-model.ts';
import { asServed, fitToTable } from '../adapter/adapt-table.ts';
import type { FittedAdapter } from '../adapter/fit-adapter.ts';
import { isAdapted } from '../adapter/is-adapted.ts';
import { EMOTIONS } from '../datasets/emotions.ts';
import { withSteps, type LoopProgress } from '../engine/train-loop.ts';
import { fingerprint } from '../fingerprint.ts';
import { inOwnOut } from '../in-own-out.ts';
import type { Recipe } from '../recipes/recipe.ts';
import { trainHeadsOn } from '../stages/heads-stage.ts';
import { keptParams } from '../stages/kept-params.ts';
import type { ClipTable } from '../sweep/clip-table.ts';
import { tableFingerprint } from '../sweep/table-fingerprint.ts';
import { interruptible } from '../training-stage.ts';
import { preparedBatch } from './prepared-batch.ts';
import { headsSaw } from './heads-saw.ts';
import { measurePrepared } from './measure-prepared.ts';
import { isLabelled, joinTables, readPreparedClips } from './prepared-clips.ts';
import { readTrainedClips } from './trained-clips.ts';
import { writeTunedBundle, type Measured } from './tuned-bundle.ts';

export interface TrainPreparedOptions {
  /** Files that `undertone data prepare` made with `bundle`. */
  readonly files: readonly string[];
  /** The bundle whose encoders are kept, and whose heads are trained further: name, name@version or folder. */
  readonly bundle: string;
  /** Name of the bundle that is made. */
  readonly name: string;
  readonly recipe: Recipe;
  readonly steps: number;
  /** Draws the heads anew instead of starting from the bundle's own. */
  readonly anew?: boolean | undefined;
  /** Fits an adapter of the text encoder to the training texts first, in place of one that the bundle has. */
  readonly adapter?: 'lexical' | undefined;
  /** Folder of the run: the checkpoint, and the bundle at the end. */
  readonly out: string;
  readonly note?: string | undefined;
  readonly threads?: number | undefined;
  readonly onStage?: (what: string) => void;
  readonly onProgress?: (stage: string, progress: LoopProgress) => void;
  readonly signal?: AbortSignal;
}

/** Version of a bundle that is made anew each time. */
const VERSION = '1.0.0';

/**
 * Trains the heads of a bundle further on prepared clips: the losses, absences and noise of the recipe, on the embeddings as they
 * were prepared. The heads start from the bundle's own where these have the recipe's form, and are drawn where not, or with
 * `anew`. Goes on where a run stopped.
 *
 * @returns the folder of the bundle: the same encoders, new heads and, where it is asked for, a new adapter, calibrated and measured on the validation clips
 * @throws UndertoneError of {@link readPreparedClips} and `readBundle`; `prepared_shape` where the bundle's modalities are not
 * video and text, or its emotions not those of the data sets; `out_unwritable`, `out_busy`, `checkpoint_*`, `training_diverged`; the signal's reason
 */
export async function trainPrepared(options: TrainPreparedOptions): Promise<string> {
  return inOwnOut(options.out, () => trainHere(interruptible(options)));
}

async function trainHere(options: TrainPreparedOptions): Promise<string> {
  const { files, out, recipe, steps, anew = false, onStage, onProgress, signal, threads } = options;
  onStage?.('reading the prepared clips');
  const source = await readBundle(findBundle(options.bundle));
  const { name, version, encoders_of: encodersOf } = source.manifest;
  const sets = await readPreparedClips(files, { name, version, sha256: source.sha256, encodersOf: encodersOf?.sha256 });
  for (const { path, heldOut, leftOut, train: own, val } of sets) {
    const all = val.n + leftOut + own.n;
    if (heldOut) onStage?.(`${path} has no validation split: ${val.n} of its ${all} training clips are held out`);
    if (leftOut > 0)
      onStage?.(`${path}: ${leftOut} of its training clips are left out, since another file validates on them`);
    if (!isLabelled(val))
      onStage?.(`${path}: no validation clip with anything in it has a label, so nothing is measured`);
  }
  const heads = headsOf(source, recipe);
  const { table, adapter } = await adapted(joinTables(sets.map(({ train }) => train)), source, options);
  const batch = Math.min(recipe.clips.batch, table.n);
  const clips = { ...recipe.clips, batch, loop: withSteps(recipe.clips.loop, steps) };
  const start = anew ? undefined : await keptParams(headsGraph(heads), source.dir, source.manifest.heads.file);
  onStage?.(`training the heads on ${table.n} clips${start === undefined ? '' : ` from those of ${name}`}`);
  const drawn = anew ? ['anew'] : [];
  const print = fingerprint(source.sha256, recipe.seed, heads, clips, tableFingerprint(table), ...drawn);
  const params = await trainHeadsOn(
    (at) => preparedBatch({ table, clips, emotions: heads.emotions, seed: recipe.seed }, at),
    {
      heads,
      clips,
      seed: recipe.seed,
      threads,
      params: start,
      checkpoint: { path: join(out, 'heads.safetensors'), fingerprint: print },
      onProgress: (progress) => onProgress?.('heads', progress),
      signal,
    },
  );
  const { noise, absence, alpha, tau, symmetric, weights, loop } = clips;
  const folder = join(out, 'bundle', options.name, VERSION);
  // What the heads or the adapter start from knows the clips that it was trained on.
  const keeps = start !== undefined || (options.adapter === undefined && isAdapted(source.manifest));
  const before = keeps ? await readTrainedClips(source.dir) : [];
  const trained = new Set([...before, ...sets.flatMap(({ trainNames }) => trainNames)]);
  const write = (to: string, measured?: Measured): Promise<Bundle> =>
    writeTunedBundle(to, {
      source,
      name: options.name,
      version: VERSION,
      heads,
      params,
      adapter,
      sets,
      trained,
      training: {
        method: 'prepared',
        recipe: { name: recipe.name },
        bundle: `${name}@${version}`,
        steps,
        seed: recipe.seed,
        starts_from: start === undefined ? null : `${name}@${version}`,
        ...(anew && { anew }),
        ...(keeps && { start_saw: headsSaw(source.manifest) }),
        adapter: options.adapter ?? null,
        heads,
        held_out: sets.filter(({ heldOut }) => heldOut).map(({ label }) => label),
        clips: { batch, noise, absence, alpha, tau, symmetric, weights, loop },
        ...(options.note === undefined ? {} : { note: options.note }),
      },
      ...measured,
    });
  // Until everything is measured, a bundle that is there stays as it is.
  const exported = join(out, 'exported');
  try {
    await write(exported);
    onStage?.('calibrating and measuring');
    const model = await loadLocalModel({ bundle: exported });
    try {
      await write(folder, await measurePrepared({ model, sets, seed: recipe.seed, signal }));
    } finally {
      await model.close();
    }
  } finally {
    await rm(exported, { recursive: true, force: true });
  }
  return folder;
}

/**
 * The clips with text embeddings as the new bundle gives them, and the adapter that is fitted to them where one is asked for.
 *
 * @throws UndertoneError `adapter_texts`, `prepared_labels`
 */
async function adapted(
  table: ClipTable,
  { manifest }: Bundle,
  { bundle, adapter, recipe, onStage }: TrainPreparedOptions,
): Promise<{ readonly table: ClipTable; readonly adapter?: FittedAdapter }> {
  if (adapter === undefined && !isAdapted(manifest)) return { table };
  const model = await loadLocalModel({ bundle });
  try {
    if (adapter === undefined) return { table: await asServed(model, table) };
    onStage?.('fitting an adapter to the texts');
    const fitted = await fitToTable(model, table, table.textMask, recipe.seed);
    if (fitted === undefined)
      throw new UndertoneError('prepared_labels', 'no training clip with a text has a label; leave --adapter out');
    return { table: { ...table, text: fitted.crossFitted }, adapter: fitted };
  } finally {
    await model.close();
  }
}

/** The recipe's heads for the bundle's windows. @throws UndertoneError `prepared_shape` */
function headsOf({ manifest: { modalities, dimension, emotions } }: Bundle, recipe: Recipe): HeadsConfig {
  const [video, text] = modalities;
  if (emotions.join() !== EMOTIONS.join())
    throw new UndertoneError(
      'prepared_shape',
      `heads are trained for the emotions ${EMOTIONS.join(', ')}; name another --bundle`,
    );
  if (modalities.length !== 2 || video?.kind !== 'image' || text?.kind !== 'text' || text.slots !== 1)
    throw new UndertoneError(
      'prepared_shape',
      'heads are trained for bundles of one video and one text; name another --bundle',
    );
  return { ...recipe.heads, dimension, slots: video.slots, emotions: emotions.length, fill: 'virtual' };
}
