import { expect, test } from 'vitest';
import { DATASET_NAMES } from '../../training/datasets/open-dataset.ts';
import { clips } from '../../training/datasets/readers/clips.ts';
import { fer2013 } from '../../training/datasets/readers/fer2013.ts';
import { goemotions } from '../../training/datasets/readers/goemotions.ts';
import { meld } from '../../training/datasets/readers/meld.ts';
import { mosei, mosi } from '../../training/datasets/readers/mmsa.ts';
import { muxspace } from '../../training/datasets/readers/muxspace.ts';
import { mvsa } from '../../training/datasets/readers/mvsa.ts';
import { sst, sst2, sst5 } from '../../training/datasets/readers/sst.ts';
import { sources } from './source-codes.ts';
import { readDoc, tableRows } from './tables.ts';

const SPECS = [fer2013, muxspace, goemotions, sst, sst2, sst5, mosi, mosei, meld, mvsa, clips];
const SECTIONS = tableRows(readDoc('training.md'));

test('docs/training.md has a row for every data set, with its home, labels and licence', () => {
  const rows = SECTIONS.get('Data sets') ?? [];
  expect(rows.map(({ key }) => key)).toEqual(DATASET_NAMES);
  const wanted = SPECS.map(({ title, home, targets, licence }) => [`${title}: ${home}`, targets.join(', '), licence]);
  expect(rows.map(({ cells: [, home, , labels, licence] }) => [home, labels, licence])).toEqual(wanted);
});

test.each([
  ['train', 'cli/train-command.ts'],
  ['eval', 'cli/eval-command.ts'],
  ['sweep', 'cli/sweep-command.ts'],
  ['data prepare', 'cli/data-command.ts'],
])('it has a row for every option of `undertone %s`', (verb, file) => {
  const [cli = ''] = sources(file);
  const [command = ''] = cli.split(`.command('${verb.split(' ').at(-1)}')`)[1]?.split('.action(') ?? [];
  const options = [...command.matchAll(/'(--[a-z-]+)(?: <[^>]+>)?'/g)].map(([, name = '']) => name);
  if (command.includes('bundleOption(')) options.push('--bundle');
  const rows = SECTIONS.get(`\`undertone ${verb}\``) ?? [];
  expect(options.length).toBeGreaterThan(3);
  expect(rows.map(({ key }) => key.split(' ')[0] ?? '').sort()).toEqual(options.sort());
});
