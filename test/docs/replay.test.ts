import { expect, test } from 'vitest';
import { timelineCsv } from '../../pipeline/replay/timeline-csv.ts';
import { fakeModel } from '../support/fake-model.ts';
import { readDoc } from './tables.ts';

test('docs/replay.md has a row for every column of timeline.csv, and no other', () => {
  const [, section = ''] = readDoc('replay.md').split('## timeline.csv');
  const cells = [
    ...section
      .split('\n## ', 1)
      .join()
      .matchAll(/^\| +(`.*?) +\|/gm),
  ].map(([, cell = '']) => cell);
  const told = cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name));
  const header = timelineCsv(fakeModel().info, { counterfactuals: true }).header.split(',');
  const one = (name: string): string => name.replace(/^(prob|emotion)_.*/, '$1');
  expect(new Set(told.map(one))).toEqual(new Set(header.map(one)));
});
