import { expect, test } from 'vitest';
import { headsSaw } from '../../../training/prepared/heads-saw.ts';

const NAMES = ['mosi', 'mvsa (pairs, heads alone)', 'pictures (backgrounds)', 'encoder (teacher)', 'news (no labels)'];
const data = NAMES.map((name) => ({ name, split: 'train', n: 1, licence: '' }));
const val = { name: 'sst', split: 'val', n: 1, licence: '' };

test.each<[what: string, training: Record<string, unknown>, names: readonly string[]]>([
  ['with labels, and no validation split', {}, ['mosi', 'mvsa']],
  [
    'before, too',
    { starts_from: 'a@1', start_saw: ['meld', 'mosi'], encoders_saw: ['goemotions'] },
    ['mosi', 'mvsa', 'meld'],
  ],
  ['before, by an earlier version', { starts_from: 'a@1', encoders_saw: ['clips (a)'] }, ['mosi', 'mvsa', 'clips']],
  ['by an earlier version, from random numbers', { starts_from: null, encoders_saw: ['meld'] }, ['mosi', 'mvsa']],
])('the data that heads were trained on: %s', (_, training, names) => {
  expect(headsSaw({ training, data: [...data, val] })).toEqual(names);
});
