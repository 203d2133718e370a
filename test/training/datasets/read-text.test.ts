import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../../training/datasets/open-dataset.ts';
import { folderOf, jpegLike } from './folder.ts';

const HEADER = 'video_id,clip_id,text,label,mode\n';

describe('a file that cannot be read', () => {
  it.each([
    ['mosi', 'label.csv'],
    ['fer2013', 'fer2013.csv'],
    ['sst', 'sst5.train.txt'],
    ['goemotions', 'train.tsv'],
    ['clips', 'manifest.jsonl'],
  ])('of %s is told with its path: a folder named %s', async (name, file) => {
    const folder = await folderOf({});
    await mkdir(join(folder, file));
    await expect(openDataset(name, folder, { skipBad: true })).rejects.toMatchObject({
      code: 'data_unreadable',
      message: expect.stringContaining(join(folder, file)) as unknown,
    });
  });

  it('is told of images.bin, too', async () => {
    const folder = await folderOf({ 'index.csv': 'offset,length,split,emotion,name\n' });
    await mkdir(join(folder, 'images.bin'));
    await expect(openDataset('fer2013', folder)).rejects.toMatchObject({ code: 'data_unreadable' });
  });

  it('does not hide what is wrong with the columns', async () => {
    const folder = await folderOf({ 'fer2013.csv': 'a,b\n1,2\n', 'images.bin': jpegLike(1) });
    await expect(openDataset('fer2013', folder)).rejects.toMatchObject({ code: 'data_columns' });
  });
});

it.each([
  ['UTF-8', 'utf8', 'a caf\u00e9'],
  ['Windows-1252', 'latin1', 'a caf\u00e9'],
] as const)('a byte order mark before %s is dropped', async (_, encoding, text) => {
  const mark = Buffer.of(0xef, 0xbb, 0xbf);
  const table = Buffer.from(`${HEADER}v,1,${text},1,train\n`, encoding);
  const folder = await folderOf({ 'label.csv': Buffer.concat([mark, table]) });
  expect((await openDataset('mosi', folder)).samples('train')[0]).toMatchObject({ id: 'v/1', text });
});

it.each(['little', 'big'])('UTF-16 is read, %s end first', async (end) => {
  const text = 'a caf\u00e9 \u{1f600}';
  const bytes = Buffer.from(`\ufeff${HEADER}v,1,${text},1,train\n`, 'utf16le');
  const folder = await folderOf({ 'label.csv': end === 'big' ? bytes.swap16() : bytes });
  expect((await openDataset('mosi', folder)).samples('train')[0]).toMatchObject({ id: 'v/1', text });
});
