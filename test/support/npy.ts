/** The header of a NumPy file that holds a matrix. */
export function npyHeader(rows: number, columns: number, type = '<f4'): string {
  return `{'descr': '${type}', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
}

/** A NumPy file of format version 1, 2 or 3 with this header and these numbers, whether they fit together or not. */
export function npy(header: string, data: Float32Array, version = 1): Uint8Array {
  const text = Buffer.from(`${header}\n`, 'latin1');
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  length.writeUIntLE(text.length, 0, length.length);
  const magic = Buffer.from(`\x93NUMPY${String.fromCharCode(version, 0)}`, 'latin1');
  return Buffer.concat([magic, length, text, Buffer.from(data.slice().buffer)]);
}
