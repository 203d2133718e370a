import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readNpy } from '../../../training/datasets/read-npy.ts';
import { folderOf } from './folder.ts';

function npy(header: string, data: Float32Array, version = 1): Buffer {
  const text = Buffer.from(`${header}\n`, 'latin1');
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  if (version === 1) length.writeUInt16LE(text.length);
  else length.writeUInt32LE(text.length);
  return Buffer.concat([
    Buffer.from('\x93NUMPY', 'latin1'),
    Buffer.of(version, 0),
    length,
    text,
    Buffer.from(data.slice().buffer),
  ]);
}

const HEADER = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
const DATA = Float32Array.of(1, 2, 3, 4, 5, 6);

describe('NumPy matrices', () => {
  it.each([1, 2, 3])('of format version %i', async (version) => {
    const folder = await folderOf({ 'a.npy': npy(HEADER, DATA, version) });
    expect(await readNpy(join(folder, 'a.npy'))).toEqual({ rows: 2, columns: 3, data: DATA });
  });

  it.each([
    ['other numbers', npy(HEADER.replace('<f4', '<f8'), DATA)],
    ['another order', npy(HEADER.replace('False', 'True'), DATA)],
    ['a vector', npy(HEADER.replace('(2, 3)', '(6,)'), DATA)],
    ['less than it says', npy(HEADER, DATA.subarray(0, 5))],
    ['no matrix', Buffer.from('text')],
  ])('refuses %s', async (_, bytes) => {
    const folder = await folderOf({ 'a.npy': bytes });
    await expect(readNpy(join(folder, 'a.npy'))).rejects.toMatchObject({ code: 'data_columns' });
  });

  it('says what cannot be read', async () => {
    await expect(readNpy('/nowhere/a.npy')).rejects.toMatchObject({ code: 'data_not_found' });
  });
});
