import { readFile } from 'node:fs/promises';
import { UndertoneError } from '../../models/errors.ts';

export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** Row by row. */
  readonly data: Float32Array;
}

const MAGIC = '\u0093NUMPY';

/**
 * A matrix of little-endian float32 from a NumPy file (format versions 1 to 3, C order); every value is finite.
 *
 * @param code of the error for another kind of file
 * @throws UndertoneError `data_not_found`; `code` for another kind of file
 */
export async function readNpy(
  path: string,
  code: 'data_columns' | 'embeddings_invalid' = 'data_columns',
): Promise<Matrix> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new UndertoneError('data_not_found', `${path} cannot be read`, { cause });
  });
  const invalid = (why: string): UndertoneError => new UndertoneError(code, `${path}: ${why}`);
  const wide = (bytes[6] ?? 1) > 1;
  const start = wide ? 12 : 10;
  if (bytes.length < start || bytes.toString('latin1', 0, 6) !== MAGIC) throw invalid('no NumPy file');
  const length = wide ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', start, start + length);
  const shape = /'shape':\s*\((\d+),\s*(\d+),?\s*\)/.exec(header);
  const known = /'descr':\s*'<f4'/.test(header) && /'fortran_order':\s*False/.test(header);
  if (shape === null || !known) throw invalid('it holds no matrix of little-endian float32 in C order');
  const [rows, columns] = [Number(shape[1]), Number(shape[2])];
  const body = bytes.subarray(start + length);
  if (body.length !== 4 * rows * columns) throw invalid('it is cut off');
  const data = new Float32Array(Uint8Array.from(body).buffer);
  if (!data.every(Number.isFinite)) throw invalid('a value is not finite');
  return { rows, columns, data };
}
