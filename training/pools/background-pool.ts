import { decodePicture } from '../augment/decode-picture.ts';
import type { Picture } from '../augment/picture.ts';
import type { Dataset } from '../datasets/open-dataset.ts';
import { ownSplit } from '../datasets/own-split.ts';
import type { Sample } from '../datasets/sample.ts';

const BACKGROUND_SIDE = 128;

/** A sample with a picture that may stand behind faces. */
export type BackgroundSample = Sample & { readonly image: () => Uint8Array };

/**
 * The pictures of a data set that stand behind faces: nine tenths of them in training, a tenth in evaluation, told by a hash
 * of their names.
 */
export function backgroundSamples(dataset: Dataset, use: 'train' | 'val'): BackgroundSample[] {
  return dataset
    .samples('train')
    .filter((sample): sample is BackgroundSample => sample.image !== undefined && ownSplit(sample.id) === use);
}

/** Decodes the first `n` of them, shrunk to a shorter side of less than twice `BACKGROUND_SIDE`. */
export async function readBackgrounds(dataset: Dataset, use: 'train' | 'val', n: number): Promise<Picture[]> {
  const pictures: Picture[] = [];
  for (const { image } of backgroundSamples(dataset, use).slice(0, n))
    pictures.push(await decodePicture(image(), { minSide: BACKGROUND_SIDE }));
  return pictures;
}
