import { describe, expect, it } from 'vitest';
import { finderTarget } from '../../../training/stages/finder-target.ts';

const SIDE = 4;

describe('the target of the face finder', () => {
  it('is no face, the last of the cells, where there is none', () => {
    const { cells } = finderTarget([], SIDE);
    expect([...cells]).toEqual([...Array.from({ length: SIDE * SIDE }, () => 0), 1]);
  });

  it('is the four cells around a centre, the nearer the more, with the way to it from each', () => {
    // In cells, counted from the middle of the first: a quarter past column 1, half past row 2.
    const { cells, boxes } = finderTarget([{ x: 1.75 / SIDE, y: 3 / SIDE, side: 0.5 }], SIDE);
    const at = (row: number, column: number) => row * SIDE + column;
    const shares = [at(2, 1), at(2, 2), at(3, 1), at(3, 2)].map((cell) => cells[cell]);
    expect(shares).toEqual([0.375, 0.125, 0.375, 0.125]);
    expect(cells.reduce((a, b) => a + b)).toBe(1);
    const box = (cell: number) => [...boxes.subarray(3 * cell, 3 * cell + 3)];
    const size = expect.closeTo(Math.log(0.5), 6) as number;
    expect(box(at(2, 1))).toEqual([0.25, 0.5, size]);
    expect(box(at(3, 2))).toEqual([-0.75, -0.5, size]);
  });

  it('is shared by several faces, and a cell between two tells of the larger', () => {
    const [small, large] = [
      { x: 1.5 / SIDE, y: 0.5 / SIDE, side: 0.25 },
      { x: 2 / SIDE, y: 0.5 / SIDE, side: 0.75 },
    ];
    for (const faces of [
      [small, large],
      [large, small],
    ]) {
      const { cells, boxes } = finderTarget(faces, SIDE);
      expect([...cells.subarray(0, SIDE)]).toEqual([0, 0.75, 0.25, 0]);
      expect([...boxes.subarray(3, 6)]).toEqual([0.5, 0, expect.closeTo(Math.log(0.75), 6)]);
    }
  });

  it('stays inside where the centre is not', () => {
    const { cells } = finderTarget([{ x: 0, y: 1, side: 1 }], SIDE);
    expect(cells[(SIDE - 1) * SIDE]).toBe(1);
  });
});
