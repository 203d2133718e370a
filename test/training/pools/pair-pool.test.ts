import { expect, it } from 'vitest';
import type { Dataset } from '../../../training/datasets/open-dataset.ts';
import type { Sample } from '../../../training/datasets/sample.ts';
import { readPairs } from '../../../training/pools/pair-pool.ts';

const image = (): Uint8Array => new Uint8Array();
const pair = (id: number, changes: Partial<Sample> = {}): Sample => ({
  id: `${id}`,
  split: 'train',
  text: `tweet number ${id}`,
  image,
  sentiment: 'positive',
  ...changes,
});

function datasetOf(splits: Readonly<Record<string, readonly Sample[]>>): Dataset {
  const names = Object.entries(splits).map(([name, samples]) => [name, samples.length]);
  return {
    info: { name: 'mvsa', title: '', licence: '', home: '', targets: ['sentiment'], splits: Object.fromEntries(names) },
    folder: '',
    bad: [],
    samples: (split) => splits[split === 'val' ? 'valid' : split] ?? [],
  };
}

const ids = (samples: readonly Sample[]): string[] => samples.map(({ id }) => id);

it('keeps a tenth for validation where there is no such split, and a tweet with its retweets', () => {
  const samples = Array.from({ length: 400 }, (_, i) => [
    pair(2 * i, { text: `tweet number ${i}` }),
    pair(2 * i + 1, { text: `RT @someone: tweet number ${i} https://t.co/${i}` }),
  ]).flat();
  const dataset = datasetOf({ train: samples });
  const [train, val] = [readPairs(dataset, 'train'), readPairs(dataset, 'val')];
  expect(new Set([...ids(train), ...ids(val)]).size).toBe(train.length + val.length);
  expect(train.length + val.length).toBe(samples.length);
  expect(val.length / samples.length).toBeCloseTo(0.1, 1);
  const tweets = (part: readonly Sample[]): Set<number> => new Set(ids(part).map((id) => Math.floor(Number(id) / 2)));
  expect([...tweets(val)].filter((tweet) => tweets(train).has(tweet))).toEqual([]);
});

it('takes the splits that the data set has', () => {
  const dataset = datasetOf({ train: [pair(1), pair(2)], valid: [pair(3)] });
  expect(ids(readPairs(dataset, 'train'))).toEqual(['1', '2']);
  expect(ids(readPairs(dataset, 'val'))).toEqual(['3']);
});

it('leaves out what is no pair with a label', () => {
  const lacking = [{ text: '' }, { text: undefined }, { image: undefined }, { sentiment: undefined }];
  const dataset = datasetOf({ train: [pair(0), ...lacking.map((changes, i) => pair(i + 1, changes))], valid: [] });
  expect(ids(readPairs(dataset, 'train'))).toEqual(['0']);
});
