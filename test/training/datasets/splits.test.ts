import { describe, expect, it } from 'vitest';
import { openDataset } from '../../../training/datasets/open-dataset.ts';
import { findSplit } from '../../../training/datasets/splits.ts';
import { folderOf, jpegLike } from './folder.ts';

describe('the name of a split', () => {
  it.each([
    ['train', ['Train', 'Test'], 'Train'],
    ['val', ['TRAIN', 'VALID '], 'VALID '],
    ['Dev', ['train', 'validation'], 'validation'],
    ['test', ['Test', 'test'], 'test'],
    ['train', ['Training'], 'Training'],
    ['val', ['dev', 'val'], 'val'],
    ['holdout', ['train', 'Holdout'], 'Holdout'],
    ['other', ['train'], undefined],
  ])('%s among %j is %j', (wanted, held, found) => {
    expect(findSplit(wanted, held)).toBe(found);
  });

  it('is read without blanks and returns that a table has around it', async () => {
    const mosi = 'video_id,clip_id,text,label,mode\nv,1,a day,1,train\r\nv,2,a day,1,train \nv,3,a day,1, valid\n';
    expect((await openDataset('mosi', await folderOf({ 'label.csv': mosi }))).info.splits).toEqual({
      train: 2,
      valid: 1,
    });
    const index = 'offset,length,split,emotion,name\n0,12, train ,happy,a.jpg\n0,12,train,happy,b.jpg\n';
    const faces = await folderOf({ 'index.csv': index, 'images.bin': jpegLike(1) });
    expect((await openDataset('fer2013', faces)).info.splits).toEqual({ train: 2 });
    const header = 'id,offset,length,text,text_label,image_label,joint_label,split';
    const pairs = `${header}\n1,0,12,hi,positive,positive,positive,train \n`;
    const mvsa = await folderOf({ 'pairs.csv': pairs, 'images.bin': jpegLike(1) });
    expect((await openDataset('mvsa', mvsa)).info.splits).toEqual({ train: 1 });
  });

  it('is one in any case, with all of its samples', async () => {
    const lines = ['val', 'Val', 'train', ' VAL'].map((split, i) => JSON.stringify({ id: `${i}`, split, text: 'x' }));
    const data = await openDataset('clips', await folderOf({ 'manifest.jsonl': lines.join('\n') }));
    expect(data.info.splits).toEqual({ val: 3, train: 1 });
    expect(data.samples('val').map(({ id, split }) => [id, split])).toEqual([
      ['0', 'val'],
      ['1', 'val'],
      ['3', 'val'],
    ]);
  });

  it('is that of a file of GoEmotions under any of its names', async () => {
    const folder = await folderOf({ 'Train.tsv': 'a\t1\tid1\n', 'validation.tsv': 'b\t1\tid2\n' });
    const data = await openDataset('goemotions', folder);
    expect([data.samples('train')[0]?.id, data.samples('val')[0]?.id]).toEqual(['id1', 'id2']);
  });
});
