import sharp from 'sharp';
import { describe, expect, it } from 'vitest';

import { openDataset } from '../../../training/datasets/open-dataset.ts';
import { ownSplit } from '../../../training/datasets/own-split.ts';
import { folderOf, jpegLike } from './folder.ts';

const images = Buffer.concat([jpegLike(1), jpegLike(2), jpegLike(3)]);
const index = (...rows: string[]): string => ['offset,length,split,emotion,name', ...rows, ''].join('\r\n');

describe('packed faces', () => {
  it('cuts each image out of images.bin and keeps the order of the rows', async () => {
    const folder = await folderOf({
      'faces-fer2013/images.bin': images,
      'faces-fer2013/index.csv': index('0,12,train,happy,a.jpg', '24,12,train,fear,c.jpg', '12,12,test,sad,b.jpg'),
    });
    const data = await openDataset('fer2013', folder);
    expect(data.info.splits).toEqual({ train: 2, test: 1 });
    expect(data.samples('train').map((s) => [s.id, s.emotion, s.sentiment, s.image?.().at(-1)])).toEqual([
      ['a.jpg', 'happy', 'positive', 1],
      ['c.jpg', 'fear', 'negative', 3],
    ]);
    expect(data.samples('test').map((s) => s.image?.().at(-1))).toEqual([2]);
  });

  it('knows the eight labels of muxspace in any case, contempt being negative without an emotion', async () => {
    const folder = await folderOf({
      'images.bin': images,
      'index.csv': index(
        '0,12,train,HAPPINESS,A_B_0001.jpg',
        '0,12,val,Contempt,A_B_0002.jpg',
        '0,12,val,sadness,c.jpg',
      ),
    });
    const data = await openDataset('muxspace', folder);
    expect(data.samples('train')[0]).toMatchObject({ emotion: 'happy', group: 'A_B' });
    expect(data.samples('val')[0]).toMatchObject({ sentiment: 'negative', group: 'A_B' });
    expect(data.samples('val')[0]?.emotion).toBeUndefined();
  });

  it('has a name once, also among its splits', async () => {
    const rows = index('0,12,train,happy,a.jpg', '12,12,val,sad,a.jpg', '24,12,val,fear,b.jpg');
    const folder = await folderOf({ 'images.bin': images, 'index.csv': rows });
    for (const name of ['fer2013', 'muxspace']) {
      await expect(openDataset(name, folder)).rejects.toMatchObject({
        code: 'data_columns',
        message: expect.stringMatching(/index\.csv row 3: id "a\.jpg" is there twice/) as unknown,
      });
      const { info } = await openDataset(name, folder, { skipBad: true });
      expect(info.splits).toEqual({ train: 1, val: 1 });
    }
  });

  it('says so when bytes that are no image are read', async () => {
    const folder = await folderOf({ 'images.bin': Buffer.alloc(40), 'index.csv': index('0,12,train,happy,a.jpg') });
    const [sample] = (await openDataset('fer2013', folder)).samples('train');
    expect(() => sample?.image?.()).toThrow(expect.objectContaining({ code: 'data_image' }));
  });
});

describe('fer2013.csv', () => {
  const pixels = Array.from({ length: 48 * 48 }, (_, i) => i % 256);

  it('keeps every grey value', async () => {
    const csv = `emotion,pixels,Usage\n3,${pixels.join(' ')},Training\n6,${pixels.toReversed().join(' ')},PrivateTest\n`;
    const data = await openDataset('fer2013', await folderOf({ 'fer2013/fer2013.csv': csv }));
    expect(data.info.splits).toEqual({ train: 1, test: 1 });
    const [sample] = data.samples('train');
    expect(sample?.emotion).toBe('happy');
    expect(data.samples('test')[0]?.emotion).toBe('neutral');
    const decoded = await sharp(sample?.image?.()).toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
    expect(decoded.info).toMatchObject({ width: 48, height: 48, channels: 1 });
    expect([...decoded.data]).toEqual(pixels);
  });

  it('reads the headers with blanks of the challenge archive', async () => {
    const csv = `emotion, Usage, pixels\n0,PublicTest,${pixels.join(' ')}\n`;
    const data = await openDataset('fer2013', await folderOf({ 'icml_face_data.csv': csv }));
    expect(data.samples('valid')[0]?.emotion).toBe('angry');
  });

  it.each([
    ['data_label', `7,${pixels.join(' ')},Training`],
    ['data_image', `3,${pixels.slice(1).join(' ')},Training`],
    ['data_image', `3,256 ${pixels.slice(1).join(' ')},Training`],
    ['data_columns', `3,${pixels.join(' ')},Holiday`],
  ])('reports %s', async (code, row) => {
    const folder = await folderOf({ 'fer2013.csv': `emotion,pixels,Usage\n${row}\n` });
    await expect(openDataset('fer2013', folder)).rejects.toMatchObject({
      code,
      message: expect.stringContaining('fer2013.csv row 2') as unknown,
    });
  });
});

describe('folders of faces', () => {
  it('takes every folder that holds emotion folders as a split', async () => {
    const folder = await folderOf({
      'train/angry/b.jpg': jpegLike(1),
      'train/angry/a.png': jpegLike(2),
      'train/angry/notes.txt': 'no image',
      'test/surprise/c.jpg': jpegLike(3),
      'dev/sad/d.jpg': jpegLike(4),
      'other/readme/x.txt': '',
    });
    const data = await openDataset('fer2013', folder);
    expect(data.info.splits).toEqual({ dev: 1, test: 1, train: 2 });
    expect(data.samples('train').map((s) => [s.id, s.emotion, s.image?.().at(-1)])).toEqual([
      ['train/angry/a.png', 'angry', 2],
      ['train/angry/b.jpg', 'angry', 1],
    ]);
    expect(data.samples('test')[0]?.sentiment).toBeUndefined();
  });

  it('validates on a tenth of the training faces where there are no others to, told by emotion and name', async () => {
    const names = Array.from({ length: 100 }, (_, i) => `angry/Training_${i}.jpg`);
    const faces = (split: string) => Object.fromEntries(names.map((name, i) => [`${split}/${name}`, jpegLike(i)]));
    const published = await openDataset('fer2013', await folderOf({ ...faces('train'), ...faces('test') }));
    const ids = (split: string): string[] => published.samples(split).map(({ id }) => id);
    const held = ids('valid');
    expect(held).toEqual(names.filter((name) => ownSplit(name) === 'val').map((name) => `train/${name}`));
    expect(held.length).toBeGreaterThan(5);
    expect([...held, ...ids('train')].sort()).toEqual(names.map((name) => `train/${name}`).sort());
    expect(ids('test')).toHaveLength(100);
    // Other spellings of the folder cut it alike; one that is to validate on leaves it whole.
    expect((await openDataset('fer2013', await folderOf(faces('Training')))).samples('val')).toHaveLength(held.length);
    const whole = await openDataset('fer2013', await folderOf({ ...faces('train'), ...faces('validation') }));
    expect(whole.info.splits).toEqual({ train: 100, validation: 100 });
  });

  it('reads the legend of muxspace and splits it by person', async () => {
    const people = Array.from({ length: 60 }, (_, i) => `Person_${i}`);
    const names = people.flatMap((person) => [`${person}_0001.jpg`, `${person}_0002.jpg`]);
    const folder = await folderOf({
      'data/legend.csv': ['user.id,image,emotion', ...names.map((name) => `1,${name},NEUTRAL`)].join('\n'),
      ...Object.fromEntries(names.map((name, i) => [`images/${name}`, jpegLike(i)])),
    });
    const data = await openDataset('muxspace', folder);
    const groups = ['train', 'val'].map((split) => new Set(data.samples(split).map((s) => s.group)));
    expect(groups.map((group) => group.size).reduce((a, b) => a + b)).toBe(60);
    expect(groups[1]?.size).toBeGreaterThan(0);
    expect(data.samples('train')).toHaveLength((groups[0]?.size ?? 0) * 2);
  });

  it('misses an image that the legend names', async () => {
    const folder = await folderOf({
      'data/legend.csv': 'user.id,image,emotion\n1,here.jpg,joy\n1,gone.jpg,joy\n',
      'images/here.jpg': jpegLike(1),
    });
    await expect(openDataset('muxspace', folder)).rejects.toMatchObject({ code: 'data_image' });
    const data = await openDataset('muxspace', folder, { skipBad: true });
    expect(data.bad).toMatchObject([{ code: 'data_image', row: 3, message: 'images/gone.jpg does not exist' }]);
  });
});
