import { UndertoneError } from '../../../models/errors.ts';
import { readNpy } from '../../datasets/read-npy.ts';

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
 * @throws UndertoneError `data_not_found`, `data_columns`
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
  return { images, textsEach, dimension, image: unit(image.data, dimension), text: unit(text.data, dimension) };
}

function unit(rows: Float32Array, dimension: number): Float32Array {
  const out = rows.slice();
  for (let at = 0; at < out.length; at += dimension) {
    const row = out.subarray(at, at + dimension);
    const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    for (let k = 0; k < dimension; k++) row[k] = (row[k] ?? 0) / (norm || 1);
  }
  return out;
}
