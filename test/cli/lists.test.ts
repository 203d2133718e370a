import { expect, it } from 'vitest';
import { fractions, names, namesOf, pair, wholeNumbers } from '../../cli/lists.ts';

it('names each thing once, so that no seed counts twice', () => {
  expect(names('a, b,a')).toEqual(['a', 'b']);
  expect(namesOf('x', 'y')('y,y,x')).toEqual(['y', 'x']);
  expect(wholeNumbers('1111,1112,01111')).toEqual([1111, 1112]);
  expect(fractions('0.5,0.50,1')).toEqual([0.5, 1]);
});

it('takes one file for both of a pair', () => {
  expect(pair('a.npy,a.npy')).toEqual(['a.npy', 'a.npy']);
});
