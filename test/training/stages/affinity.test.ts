import { expect, it } from 'vitest';
import { affinity } from '../../../training/stages/affinity.ts';

it('shares each row out among the columns with which it has labels in common, and marks those that meet one', () => {
  const rows = [
    [1, 0],
    [0.5, 0.5],
    [0, 0],
    [0, 1],
  ];
  const columns = [
    [1, 0],
    [1, 0],
    [0, 0],
  ];
  const { text_affinity: shares, text_valid: valid } = affinity('text', rows, columns);
  expect(shares?.dims).toEqual([4, 3]);
  expect([...(shares?.data ?? [])]).toEqual([0.5, 0.5, 0, 0.5, 0.5, 0, 0, 0, 0, 0, 0, 0]);
  expect([...(valid?.data ?? [])]).toEqual([1, 1, 0, 0]);
});
