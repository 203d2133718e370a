import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { DATASET_NAMES, openDataset } from '../../../training/datasets/open-dataset.ts';
import { folderOf } from './folder.ts';
import { testData } from '../../support/test-data.ts';

const DATA = testData();

describe('openDataset', () => {
  it('names the data sets there are', async () => {
    await expect(openDataset('imagenet', '.')).rejects.toMatchObject({
      code: 'data_not_found',
      exitCode: 2,
      message: expect.stringContaining(DATASET_NAMES.join(', ')) as unknown,
    });
  });

  it.each(DATASET_NAMES)('says what a folder of %s should hold, in one line', async (name) => {
    const folder = await folderOf({ 'readme.txt': '' });
    for (const directory of [folder, join(folder, 'gone')]) {
      const error = await openDataset(name, directory).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'data_not_found', message: expect.stringContaining(directory) as unknown });
      expect((error as Error).message).not.toContain('\n');
    }
  });

  it('says of a file that the folder is asked for', async () => {
    const folder = await folderOf({ 'label.csv': 'video_id,clip_id,text,label,mode\na,1,fine,1,train\n' });
    await expect(openDataset('mosi', join(folder, 'label.csv'))).rejects.toMatchObject({
      code: 'data_not_found',
      message: expect.stringContaining('label.csv is a file; give the folder') as unknown,
    });
  });

  it('is found in a folder called clips, as folders of clips often are', async () => {
    const header = 'video_id,clip_id,text,label,mode';
    const folder = await folderOf({ 'clips/label.csv': `${header}\na,1,fine,1,train\n` });
    expect((await openDataset('mosi', join(folder, 'clips'))).info.splits).toEqual({ train: 1 });
  });

  it('lists the splits that it holds', async () => {
    const data = await openDataset('sst2', await folderOf({ 'sst2.dev.txt': '1 fine\n' }));
    for (const name of ['dev', 'val', 'valid', 'Validation', 'VAL']) expect(data.samples(name)).toHaveLength(1);
    expect(() => data.samples('test')).toThrow(
      expect.objectContaining({ code: 'data_split', message: 'sst2 here holds the splits dev; "test" is none' }),
    );
  });

  it('refuses bad rows with their number, and leaves out and lists them on request', async () => {
    const folder = await folderOf({ 'sst2.dev.txt': '1 fine\n9 odd\n7 odd\n0 bad\n' });
    await expect(openDataset('sst2', folder)).rejects.toMatchObject({
      code: 'data_label',
      message: expect.stringContaining(
        'sst2.dev.txt row 2: the class is 9, expected 0 to 1 (one of 2 bad rows',
      ) as unknown,
    });
    const told: string[] = [];
    const data = await openDataset('sst2', folder, { skipBad: true, onBad: ({ message }) => void told.push(message) });
    expect(data.bad.map(({ row }) => row)).toEqual([2, 3]);
    const file = join(folder, 'sst2.dev.txt');
    expect(told).toEqual([
      `${file} row 2: the class is 9, expected 0 to 1`,
      `${file} row 3: the class is 7, expected 0 to 1`,
    ]);
    expect(data.samples('dev').map((s) => s.text)).toEqual(['fine', 'bad']);
  });
});

describe.skipIf(!existsSync(join(DATA, 'mosei')))('the real data sets', () => {
  it.each([
    ['fer2013', { train: 23873, val: 4920 }],
    ['muxspace', { train: 10951, val: 1091 }],
    ['goemotions', { train: 43410, dev: 5426 }],
    ['sst', { train: 8544, dev: 1101 }],
    ['sst2', { train: 6920, dev: 872 }],
    ['mosi', { train: 1284, valid: 229 }],
    ['mosei', { train: 16274, valid: 1861 }],
    ['meld', { train: 9989, dev: 1109 }],
    ['mvsa', { train: 4000 }],
  ])('reads every row of %s', async (name, splits) => {
    const data = await openDataset(name, DATA);
    expect(data.info.splits).toEqual(splits);
    expect(data.bad).toEqual([]);
    const all = Object.keys(splits).flatMap((split) => data.samples(split));
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    for (const sample of [all[0], all.at(-1)]) expect(sample?.image?.().length ?? 1).toBeGreaterThan(0);
  });
});
