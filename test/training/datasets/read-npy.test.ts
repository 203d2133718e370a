import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readNpy } from '../../../training/datasets/read-npy.ts';
import { npy, npyHeader } from '../../support/npy.ts';
import { folderOf } from './folder.ts';

const HEADER = npyHeader(2, 3);
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
    ['a value that is not finite', npy(HEADER, Float32Array.of(1, 2, 3, 4, 5, Number.POSITIVE_INFINITY))],
    ['no matrix', Buffer.from('text')],
  ])('refuses %s', async (_, bytes) => {
    const folder = await folderOf({ 'a.npy': bytes });
    await expect(readNpy(join(folder, 'a.npy'))).rejects.toMatchObject({ code: 'data_columns' });
  });

  it('says what cannot be read', async () => {
    await expect(readNpy('/nowhere/a.npy')).rejects.toMatchObject({ code: 'data_not_found' });
  });
});
