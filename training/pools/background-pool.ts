import { decodePicture } from '../augment/decode-picture.ts';
import type { Picture } from '../augment/picture.ts';
import type { Dataset } from '../datasets/open-dataset.ts';
import { ownSplit } from '../datasets/own-split.ts';
import { readImages } from '../datasets/read-image.ts';
import type { Sample } from '../datasets/sample.ts';
import type { OnBad } from '../datasets/sink.ts';

const BACKGROUND_SIDE = 128;

/** A sample with a picture that may stand behind faces. */
export type BackgroundSample = Sample & { readonly image: () => Uint8Array };

/**
 * The pictures of a data set that stand behind faces: nine tenths of them in training, a tenth in evaluation, told by a hash
 * of their names. Of what was published several times none is in evaluation where training has one.
 */
export function backgroundSamples(dataset: Dataset, use: 'train' | 'val'): BackgroundSample[] {
  const shown = dataset.samples('train').filter((sample): sample is BackgroundSample => sample.image !== undefined);
  const trained = shown.filter(({ id }) => ownSplit(id) === 'train');
  if (use === 'train') return trained;
  const groups = new Set(trained.map(({ id, group = id }) => group));
  return shown.filter(({ id, group = id }) => ownSplit(id) === 'val' && !groups.has(group));
}

/** How many pictures {@link readBackgrounds} decodes where all of them can be read. */
export function countBackgrounds(dataset: Dataset, use: 'train' | 'val', n: number): number {
  return Math.min(n, backgroundSamples(dataset, use).length);
}

/**
 * Decodes the first `n` of them, shrunk to a shorter side of less than twice `BACKGROUND_SIDE`. Those that cannot be read are
 * left out and told to `onBad`.
 *
 * @throws UndertoneError `data_image` without `onBad`; the signal's reason
 */
export async function readBackgrounds(
  dataset: Dataset,
  use: 'train' | 'val',
  n: number,
  onBad?: OnBad,
  signal?: AbortSignal,
): Promise<Picture[]> {
  return readImages(backgroundSamples(dataset, use).slice(0, n), {
    nameOf: ({ id }) => `${id} of ${dataset.info.name}`,
    read: ({ image }) => decodePicture(image(), { minSide: BACKGROUND_SIDE }),
    onBad,
    signal,
  });
}
