import { readFile } from 'node:fs/promises';
import { UndertoneError } from '../../models/errors.ts';

export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** Row by row. */
  readonly data: Float32Array;
}

/**
 * A matrix of little-endian float32 from a NumPy file (format versions 1 to 3, C order).
 *
 * @throws UndertoneError `data_columns` for another kind of file
 */
export async function readNpy(path: string): Promise<Matrix> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new UndertoneError('data_not_found', `${path} cannot be read`, { cause });
  });
  const wide = (bytes[6] ?? 1) > 1;
  const start = wide ? 12 : 10;
  const isNpy = bytes.length > start && bytes.subarray(0, 6).toString('latin1') === '\x93NUMPY';
  const length = isNpy ? (wide ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8)) : 0;
  const header = bytes.subarray(start, start + length).toString('latin1');
  const [, rows = Number.NaN, columns = Number.NaN] = (/'shape': \((\d+), (\d+)\)/.exec(header) ?? []).map(Number);
  const body = bytes.subarray(start + length);
  const known = header.includes("'descr': '<f4'") && header.includes("'fortran_order': False");
  if (!known || body.length !== 4 * rows * columns)
    throw new UndertoneError('data_columns', `${path} is no NumPy matrix of float32 in C order`);
  return { rows, columns, data: new Float32Array(Uint8Array.from(body).buffer) };
}
