import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ParamStore } from '../models/graph/param.ts';
import type { LoopProgress } from './engine/train-loop.ts';
import { clipSource } from './pools/clip-set.ts';
import type { Utterance } from './pools/text-pool.ts';
import type { FinderStageConfig, Recipe } from './recipes/recipe.ts';
import { writeTrainedBundle } from './stages/bundle-stage.ts';
import { alignTexts, trainAlignment } from './stages/align-stage.ts';
import { embedFaces, embedUtterances, type Embeddings } from './stages/embed-stage.ts';
import { drawClips, type ClipSet } from './stages/evaluate-stage.ts';
import { finishBundle, VALIDATION_CLIPS } from './stages/finish-bundle.ts';
import { trainFinder } from './stages/finder-stage.ts';
import { trainHeadsRuns } from './stages/heads-runs.ts';
import { trainImageEncoder } from './stages/image-stage.ts';
import { DRAWN_FACES, prepare, type Prepared } from './stages/prepare.ts';
import { trainTextBranch } from './stages/text-stage.ts';
import { readLessons, taughtUtterances, type Lessons } from './teacher/lessons.ts';
import { openSentenceEncoder } from './teacher/sentence-encoder.ts';

export interface TrainOptions {
  readonly recipe: Recipe;
  /** Folder that holds the data sets. */
  readonly data: string;
  /** Folder of the run: checkpoints, and the bundle at the end. A run with the same recipe goes on where it stopped. */
  readonly out: string;
  readonly skipBad?: boolean;
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
 * @throws UndertoneError of the data sets (`data_*`), `checkpoint_*`, `training_diverged`; the signal's reason
 */
export async function train(options: TrainOptions): Promise<string> {
  const { recipe, out, onStage, signal } = options;
  await mkdir(out, { recursive: true });
  const prepared = await prepare(recipe, options.data, out, options);

  const { encoders, faces, texts, print } = await trainEncoders(options, prepared);
  const { variants } = recipe.clips;
  const clips = clipSource(prepared.faces, prepared.utterances, clipOptions(recipe, variants));
  const trained = await trainHeadsRuns({
    recipe,
    threads: options.threads,
    faces,
    texts,
    clips,
    out,
    fingerprint: (variant) => fingerprint(print, recipe.heads, recipe.clips, variant),
    onStage,
    onProgress: options.onProgress,
    signal,
  });
  return finishBundle({
    recipe,
    data: options.data,
    out,
    onStage,
    faceSizes: recipe.finder !== undefined,
    clips: await validationClips(recipe, encoders, prepared),
    write: (folder, { key, fill }, measured) =>
      writeTrainedBundle(folder, {
        recipe,
        prepared,
        encoders,
        heads: trained[key] ?? new Map(),
        fill,
        note: options.note,
        ...measured,
      }),
  });
}

interface TrainedEncoders {
  readonly encoders: ParamStore;
  /** The training faces and utterances, encoded. */
  readonly faces: Embeddings;
  readonly texts: Embeddings;
  /** Names everything that the encoders depend on. */
  readonly print: string;
}

/** Image encoder, the branches of the text encoder, and their alignment with the first. */
async function trainEncoders(options: TrainOptions, prepared: Prepared): Promise<TrainedEncoders> {
  const { recipe, out, onStage, signal, threads } = options;
  const { utterances, tokenizer } = prepared;
  const stage = (name: string, file: string, print: string) => {
    onStage?.(`training the ${name}`);
    return {
      recipe,
      threads,
      signal,
      checkpoint: { path: join(out, `${file}.safetensors`), fingerprint: print },
      onProgress: (progress: LoopProgress) => options.onProgress?.(name, progress),
    };
  };
  const faceSets = [...recipe.faces.map(({ dataset }) => dataset), DRAWN_FACES];
  const textSets = recipe.texts.map(({ dataset }) => dataset);
  const [faceData, textData] = [faceSets, textSets].map((sets) =>
    prepared.data.filter(({ name }) => sets.includes(name)),
  );
  const imagePrint = fingerprint(recipe.seed, recipe.image, recipe.imageStage, faceData);
  const image = await trainImageEncoder({
    ...stage('image encoder', 'image-encoder', imagePrint),
    faces: prepared.faces,
  });
  const finderOf = async (config: FinderStageConfig): Promise<ParamStore> => {
    const finderPrint = fingerprint(recipe.seed, config, faceData, prepared.backgrounds.length);
    const { checkpoint } = stage('face finder', 'face-finder-first', finderPrint);
    return trainFinder({
      ...stage('face finder', 'face-finder', finderPrint),
      finder: config,
      seed: recipe.seed,
      faces: prepared.faces,
      backgrounds: prepared.backgrounds,
      firstCheckpoint: checkpoint,
    });
  };
  const finder: ParamStore = recipe.finder === undefined ? new Map() : await finderOf(recipe.finder);
  const taught = await taughtTexts(options, utterances);
  const branches: ParamStore = new Map();
  const textPrints = recipe.text.branches.map((branch) =>
    fingerprint(
      recipe.seed,
      recipe.text.maxTokens,
      branch,
      recipe.textStage,
      recipe.texts,
      textData,
      prepared.tokenizerJson,
    ),
  );
  for (const [branch, print] of textPrints.entries()) {
    const name = `text branch ${branch + 1} of ${textPrints.length}`;
    const own = stage(name, `text-branch-${branch}`, print);
    for (const [param, data] of await trainTextBranch({ ...own, ...taught, branch, tokenizer }))
      branches.set(param, data);
  }
  onStage?.('encoding faces and utterances');
  const { variants } = recipe.clips;
  const faces = await embedFaces(recipe, image, prepared.faces, variants);
  const said = await embedUtterances(recipe, branches, tokenizer, utterances, variants);
  const print = fingerprint(imagePrint, textPrints, variants, recipe.alignStage);
  const align = await trainAlignment({
    ...stage('alignment', 'alignment', print),
    utterances: taught.utterances,
    said,
    faces: prepared.faces,
    shown: faces,
  });
  const texts = await alignTexts(recipe, align, said);
  return { encoders: new Map([...image, ...finder, ...branches, ...align]), faces, texts, print };
}

/** The training texts with what the recipe's teacher says of them, if it has one. */
async function taughtTexts(
  { recipe, out, onStage, onEncoded, signal }: TrainOptions,
  utterances: readonly Utterance[],
): Promise<{ readonly utterances: readonly Utterance[]; readonly lessons?: Lessons }> {
  const { seed, textStage } = recipe;
  if (textStage.teacher === undefined) return { utterances };
  const teacher = await openSentenceEncoder();
  onStage?.(`reading ${utterances.length} texts with ${teacher.name}`);
  const lessons = await readLessons({
    teacher,
    config: textStage.teacher,
    seed,
    utterances,
    folder: join(out, 'teacher'),
    onEncoded: (done, total) => onEncoded?.('teacher', done, total),
    signal,
  });
  return { utterances: taughtUtterances(utterances, lessons), lessons };
}

/** Encodes the validation data once, for clips of any name. */
async function validationClips(
  recipe: Recipe,
  encoders: ParamStore,
  prepared: Prepared,
): Promise<(name: string) => ClipSet> {
  const { validationFaces, validationUtterances, tokenizer } = prepared;
  const draw = clipSource(validationFaces, validationUtterances, clipOptions(recipe, 1));
  const faces = await embedFaces(recipe, encoders, validationFaces, 1);
  const said = await embedUtterances(recipe, encoders, tokenizer, validationUtterances, 1);
  const texts = await alignTexts(recipe, encoders, said);
  return (name) => ({ clips: drawClips(draw, VALIDATION_CLIPS, name, recipe.seed), faces, texts });
}

function clipOptions(recipe: Recipe, variants: number) {
  const { scored, composition } = recipe.clips;
  return { slots: recipe.heads.slots, scored, composition: { ...composition, variants } };
}

function fingerprint(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
