import { join } from 'node:path';
import type { ScenePictures } from './augment/scene.ts';
import { finishedParams } from './engine/checkpoint.ts';
import { fingerprint } from './fingerprint.ts';
import { labelsOfFaces } from './pools/face-pool.ts';
import type { FinderStageConfig, Recipe } from './recipes/recipe.ts';
import { trainFinder } from './stages/finder-stage.ts';
import { trainImageEncoder } from './stages/image-stage.ts';
import { imagesOf } from './stages/images-of.ts';
import { printOf, type KeptSources } from './stages/kept-params.ts';
import { keptSort } from './stages/kept-sort.ts';
import { DRAWN_FACES, type Prepared } from './stages/prepare.ts';
import { openFaceDetector } from './teacher/face-detector.ts';
import type { TrainOptions } from './train.ts';
import { dataOf, stageCheckpoint, trainingStage, type Trained } from './training-stage.ts';

export interface TrainedImages extends Trained {
  readonly sources: KeptSources;
  /** The teacher as a row of the data, where there was one. */
  readonly teacher: Prepared['data'];
}

/** What the finder's scenes are made of. */
interface Scenery {
  readonly pictures: ScenePictures;
  readonly teacher: Prepared['data'];
}

const NOTHING: Scenery = { pictures: { faceless: [], portraits: [] }, teacher: [] };

/** Name of the finder's checkpoint. */
const FINDER = 'face-finder';

/** The image encoder and the face finder: trained, or those of a bundle. */
export async function trainImages(options: TrainOptions, prepared: Prepared): Promise<TrainedImages> {
  const { recipe } = options;
  const kept = options.imagesOf === undefined ? undefined : await imagesOf(options.imagesOf, recipe);
  const sources =
    kept === undefined ? {} : { images_of: kept.bundle, ...(kept.finder ? { finder_of: kept.bundle } : {}) };
  const finder = kept?.finder === true ? undefined : recipe.finder;
  const print = finder && finderPrint(finder, recipe, prepared);
  const finished = print === undefined ? undefined : await finishedParams(stageCheckpoint(options, FINDER, print));
  // What it needs is not looked for after hours only.
  const scenery = await sceneryOf(options, prepared, { finder, shown: finished === undefined });
  const encoder = kept === undefined ? await trainEncoder(options, prepared) : { ...kept, print: printOf(kept.params) };
  if (finder === undefined || print === undefined) return { ...encoder, sources, teacher: [] };
  const found =
    finished ??
    (await trainFinder({
      ...trainingStage(options, 'face finder', FINDER, print),
      finder,
      seed: recipe.seed,
      faces: await prepared.shown(),
      pictures: scenery.pictures,
    }));
  return {
    params: new Map([...encoder.params, ...found]),
    print: fingerprint(encoder.print, print),
    sources,
    teacher: scenery.teacher,
  };
}

/** Names everything that the finder depends on. */
function finderPrint({ use: _use, ...made }: FinderStageConfig, recipe: Recipe, prepared: Prepared): string {
  return fingerprint(recipe.seed, made, facesOf(recipe, prepared), prepared.backgrounds.n);
}

async function trainEncoder(options: TrainOptions, prepared: Prepared): Promise<Trained> {
  const { recipe } = options;
  const { seed, image, imageStage } = recipe;
  const print = fingerprint(seed, image, imageStage, facesOf(recipe, prepared));
  const stage = trainingStage(options, 'image encoder', 'image-encoder', print);
  const params =
    (await finishedParams(stage.checkpoint)) ??
    (await trainImageEncoder({ ...stage, recipe, faces: await prepared.shown() }));
  return { params, print };
}

/** The pictures that a finder is trained on, told apart by its teacher; none where they are not `shown`. */
async function sceneryOf(
  { out, threads, onStage, onEncoded, signal }: TrainOptions,
  { backgrounds }: Prepared,
  { finder, shown }: { readonly finder: FinderStageConfig | undefined; readonly shown: boolean },
): Promise<Scenery> {
  if (finder?.backgrounds === undefined) return NOTHING;
  const detector = await openFaceDetector(threads);
  try {
    const { name, licence } = detector;
    const teacher = [{ name: `${name} (teacher)`, split: 'train', n: backgrounds.n, licence }];
    if (!shown) return { ...NOTHING, teacher };
    onStage?.(`looking for faces in ${backgrounds.n} pictures with ${name}`);
    const onSorted = (done: number, total: number): void => onEncoded?.('pictures', done, total);
    const options = { detector, config: finder.backgrounds.sort, onSorted, signal };
    const pictures = await keptSort(join(out, 'face-finder-pictures.json'), await backgrounds.pictures(), options);
    return { pictures, teacher };
  } finally {
    await detector.close();
  }
}

/** Names the training faces: their sets, labels and weights. */
function facesOf(recipe: Recipe, prepared: Prepared): readonly unknown[] {
  const sets = dataOf(prepared, [...recipe.faces.map(({ dataset }) => dataset), DRAWN_FACES]);
  return [sets, labelsOfFaces(prepared.faces)];
}
