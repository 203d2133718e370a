import { readFile } from 'node:fs/promises';
import { UndertoneError } from '../../models/errors.ts';

/** A matrix of float32, row-major. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}

const MAGIC = '\u0093NUMPY';

/**
 * Reads a NumPy file that holds a matrix of float32, little-endian, in C order (the published .npy format, version 1 to 3).
 *
 * @throws UndertoneError `data_not_found`, `embeddings_invalid` for another kind of file or a value that is not finite
 */
export async function readNpy(path: string): Promise<Matrix> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new UndertoneError('data_not_found', `cannot read ${path}`, { cause: error });
  });
  if (bytes.toString('latin1', 0, 6) !== MAGIC) throw invalid(path, 'no NumPy file');
  const long = (bytes[6] ?? 0) > 1;
  const start = long ? 12 : 10;
  const length = bytes.length < start ? 0 : long ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', start, start + length);
  const shape = /'shape':\s*\((\d+),\s*(\d+),?\s*\)/.exec(header);
  if (shape === null || !header.includes("'<f4'") || !/'fortran_order':\s*False/.test(header))
    throw invalid(path, 'it holds no matrix of little-endian float32 in C order');
  const [rows, columns] = [Number(shape[1]), Number(shape[2])];
  const from = bytes.byteOffset + start + length;
  if (bytes.length !== start + length + rows * columns * 4) throw invalid(path, 'it is cut off');
  const data = new Float32Array(bytes.buffer.slice(from, from + rows * columns * 4));
  if (!data.every(Number.isFinite)) throw invalid(path, 'a value is not finite');
  return { rows, columns, data };
}

function invalid(path: string, why: string): UndertoneError {
  return new UndertoneError('embeddings_invalid', `${path}: ${why}`);
}
