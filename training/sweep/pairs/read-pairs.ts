import { UndertoneError } from '../../../models/errors.ts';
import { unitRows } from '../../../models/runtime/unit-rows.ts';
import { readNpy } from '../../datasets/read-npy.ts';

/** In turn each of so many parts of the images is held out. */
export const PAIR_FOLDS = 5;

/** Embeddings of images and of their texts in one space, L2-normalised. */
export interface Pairs {
  readonly images: number;
  /** Texts of each image: rows `k i` to `k i + k - 1` of `texts` belong to image `i`. */
  readonly textsEach: number;
  readonly dimension: number;
  readonly image: Float32Array;
  readonly text: Float32Array;
}

/**
 * Reads two NumPy matrices: an image a row, and as many texts for each, in the same order.
 *
 * @throws UndertoneError `data_not_found`; `data_columns` for another kind of file, and where there are too few images for the folds
 */
export async function readPairs(imageFile: string, textFile: string): Promise<Pairs> {
  const image = await readNpy(imageFile);
  const text = await readNpy(textFile);
  const textsEach = text.rows / image.rows;
  if (image.columns !== text.columns || !Number.isInteger(textsEach) || textsEach < 1)
    throw new UndertoneError(
      'data_columns',
      `${text.rows} texts of ${text.columns} values in ${textFile} do not fit ${image.rows} images of ${image.columns}`,
    );
  const { columns: dimension, rows: images } = image;
  if (images < PAIR_FOLDS)
    throw new UndertoneError('data_columns', `${images} images in ${imageFile} are too few for ${PAIR_FOLDS} folds`);
  return {
    images,
    textsEach,
    dimension,
    image: unitRows(image.data, dimension).rows,
    text: unitRows(text.data, dimension).rows,
  };
}
