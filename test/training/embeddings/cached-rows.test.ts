import { readdir } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { cachedRows } from '../../../training/embeddings/cached-rows.ts';
import { folderOf } from '../datasets/folder.ts';

it('may be made by several at once, and is whole', async () => {
  const folder = await folderOf({});
  const key = { folder, name: 'faces', bundle: 'b', items: ['a'] };
  const rows = new Float32Array(1 << 20).fill(1);
  let ready = (): void => {};
  const both = new Promise<void>((resolve) => (ready = resolve));
  let waiting = 0;
  const make = async (): Promise<Float32Array> => {
    if (++waiting === 2) ready();
    await both;
    return rows;
  };
  await Promise.all([cachedRows(key, make), cachedRows(key, make)]);
  expect(await readdir(folder)).toHaveLength(1);
  expect(await cachedRows(key, () => Promise.reject(new Error('made again')))).toEqual(rows);
});
