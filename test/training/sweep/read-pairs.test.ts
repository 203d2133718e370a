import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readPairs } from '../../../training/sweep/pairs/read-pairs.ts';
import { npy, npyHeader } from '../../support/npy.ts';
import { folderOf } from '../datasets/folder.ts';

const matrix = (rows: number, value = 1): Uint8Array =>
  npy(
    npyHeader(rows, 2),
    Float32Array.from({ length: 2 * rows }, (_, i) => (i === 0 ? value : 1)),
  );

it.each([
  ['an image that is not finite', matrix(5, Number.NaN), matrix(5), /image.npy: a value is not finite/],
  ['a text that is not finite', matrix(5), matrix(5, Number.POSITIVE_INFINITY), /text.npy: a value is not finite/],
  ['fewer images than folds', matrix(3), matrix(6), /3 images in .* are too few/],
])('refuses %s', async (_, image, text, message) => {
  const folder = await folderOf({ 'image.npy': image, 'text.npy': text });
  const reading = readPairs(join(folder, 'image.npy'), join(folder, 'text.npy'));
  await expect(reading).rejects.toMatchObject({ code: 'data_columns', message: expect.stringMatching(message) });
});
