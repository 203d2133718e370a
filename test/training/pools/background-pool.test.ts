import { expect, it } from 'vitest';
import { greyPng } from '../../../training/datasets/grey-png.ts';
import { openDataset } from '../../../training/datasets/open-dataset.ts';
import { ownSplit } from '../../../training/datasets/own-split.ts';
import { backgroundSamples } from '../../../training/pools/background-pool.ts';
import { folderOf } from '../datasets/folder.ts';

it('evaluates with no picture of a tweet that training has published again', async () => {
  const ids = Array.from({ length: 300 }, (_, i) => `${i}`);
  const [first = '', second = ''] = ids.filter((id) => ownSplit(id) === 'val');
  const copied = ids.find((id) => ownSplit(id) === 'train');
  const file = greyPng(8, 8, new Uint8Array(64));
  const rows = ids.map((id) => {
    const text = id === first || id === copied ? 'the same' : `day ${id}`;
    return `${id},0,${file.length},${text},positive,positive,positive,train`;
  });
  const header = 'id,offset,length,text,text_label,image_label,joint_label,split';
  const data = await folderOf({ 'mvsa/pairs.csv': `${[header, ...rows].join('\n')}\n`, 'mvsa/images.bin': file });
  const dataset = await openDataset('mvsa', data);
  const of = (use: 'train' | 'val'): string[] => backgroundSamples(dataset, use).map(({ id }) => id);
  expect(of('train')).toEqual(ids.filter((id) => ownSplit(id) === 'train'));
  expect(of('val')).toContain(second);
  expect(of('val')).not.toContain(first);
});
