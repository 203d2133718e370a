import { UndertoneError } from '../../models/errors.ts';
import * as datasets from '../datasets/read-npy.ts';

/**
 * A matrix of embeddings from a NumPy file; every value is a number.
 *
 * @throws UndertoneError `data_not_found`, `embeddings_invalid` for another kind of file or a value that is not finite
 */
export async function readNpy(path: string): Promise<datasets.Matrix> {
  const matrix = await datasets.readNpy(path, 'embeddings_invalid');
  if (!matrix.data.every(Number.isFinite))
    throw new UndertoneError('embeddings_invalid', `${path}: a value is not finite`);
  return matrix;
}
