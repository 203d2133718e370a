import { expect, it } from 'vitest';
import { random } from '../../../models/random.ts';
import { EMOTIONS } from '../../../training/datasets/emotions.ts';
import type { Dataset } from '../../../training/datasets/open-dataset.ts';
import type { Sample } from '../../../training/datasets/sample.ts';
import { readUtterances } from '../../../training/pools/text-pool.ts';
import { weightedDraw } from '../../../training/pools/weighted-draw.ts';

function utterancesOf(samples: readonly Partial<Sample>[], scores?: boolean) {
  const dataset: Dataset = {
    info: { name: 'mosei', title: '', licence: '', home: '', targets: ['score'], splits: { train: samples.length } },
    folder: '',
    bad: [],
    samples: (split) => (split === 'train' ? samples.map((sample, i) => ({ id: `${i}`, split, ...sample })) : []),
  };
  return readUtterances(dataset, 'train', { weight: 2, scores });
}
const onlySad = EMOTIONS.map((name) => Number(name === 'sad'));

it('reads the labels of texts: what follows from an emotion too, but what is told goes first', () => {
  const shares = EMOTIONS.map((_, i) => (i < 2 ? 0.5 : 0));
  expect(
    utterancesOf([
      { text: 'a', emotion: 'sad' },
      { text: 'b', emotion: 'sad', sentiment: 'positive' },
      { text: 'c', emotions: shares },
      { text: 'd', score: 0 },
    ]),
  ).toMatchObject([
    { text: 'a', weight: 2, emotion: 'sad', emotions: onlySad, sentiment: 'negative', score: undefined },
    { text: 'b', emotions: onlySad, sentiment: 'positive' },
    { text: 'c', emotion: undefined, emotions: shares, sentiment: undefined },
    { text: 'd', emotion: undefined, emotions: undefined, sentiment: undefined, score: 0 },
  ]);
});

it('leaves out what has no text or no label, and scores where they are not wanted', () => {
  expect(utterancesOf([{ text: '', score: 1 }, { score: 1 }, { text: 'a' }])).toEqual([]);
  const rated = [
    { text: 'a', score: 1 },
    { text: 'b', score: 1, sentiment: 'positive' as const },
  ];
  expect(utterancesOf(rated, true)).toHaveLength(2);
  expect(utterancesOf(rated, false)).toMatchObject([{ text: 'b', score: undefined, sentiment: 'positive' }]);
});

it('draws by weight, and never what has none', () => {
  const draw = random('weights');
  const next = weightedDraw([0, 1, 0, 3, 0]);
  const counts = [0, 0, 0, 0, 0];
  for (let i = 0; i < 4000; i++) {
    const at = next(draw);
    counts[at] = (counts[at] ?? 0) + 1;
  }
  expect([counts[0], counts[2], counts[4]]).toEqual([0, 0, 0]);
  expect((counts[3] ?? 0) / 4000).toBeCloseTo(0.75, 1);
});
