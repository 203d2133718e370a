/** A NumPy file, version 1, of a float32 matrix. */
export function npy(rows: readonly (readonly number[])[], type = '<f4'): Uint8Array {
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${rows.length}, ${rows[0]?.length ?? 0}), }`;
  const header = Buffer.from(`${text.padEnd(117)}\n`, 'latin1');
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 255, header.length >> 8]);
  return Buffer.concat([start, header, Buffer.from(Float32Array.from(rows.flat()).buffer)]);
}
