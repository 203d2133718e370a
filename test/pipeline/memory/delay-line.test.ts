import { describe, expect, it } from 'vitest';
import { DelayLine } from '../../../pipeline/memory/delay-line.ts';
import { frame } from '../../support/scenario.ts';
import type { ImageInput } from '../../../models/model.ts';
import type { Delayed } from '../../../pipeline/memory/delay-line.ts';

const picture = (size: number): ImageInput => ({ kind: 'image', bytes: new Uint8Array(size) });
const delayed = (seq: number, image: ImageInput): Delayed => ({
  dueMs: seq,
  event: {
    kind: 'frame',
    frame: frame(seq, seq, image),
    arrivedMs: 0,
    frozen: false,
    lost: null,
    settled: () => undefined,
  },
});
const dues = (items: readonly Delayed[]): number[] => items.map(({ dueMs }) => dueMs);

describe('what waits for its delay', () => {
  it('has no more bytes than allowed; the oldest is lost first', () => {
    const line = new DelayLine(1000);
    const lost = [...Array(10).keys()].map((seq) => dues(line.push(delayed(seq, picture(300)))));
    expect(lost).toEqual([[], [], [], [0], [1], [2], [3], [4], [5], [6]]);
    expect(dues(line.release(8))).toEqual([7, 8]);
    expect(line.nextMs).toBe(9);
    expect(dues(line.push(delayed(10, picture(700))))).toEqual([]);
    expect(dues(line.release(Infinity))).toEqual([9, 10]);
    expect(line.nextMs).toBe(Infinity);
    expect(dues(line.push(delayed(11, picture(1000))))).toEqual([]);
  });

  it('is nothing where one alone is too large', () => {
    const line = new DelayLine(1000);
    line.push(delayed(0, picture(900)));
    expect(dues(line.push(delayed(1, picture(1001))))).toEqual([0, 1]);
    expect(dues(line.push(delayed(2, picture(1000))))).toEqual([]);
  });

  it('counts a picture that is repeated once, until its last repetition is gone', () => {
    const line = new DelayLine(1000);
    const same = picture(600);
    for (let seq = 0; seq < 5; seq++) expect(line.push(delayed(seq, same))).toEqual([]);
    line.release(3);
    expect(dues(line.push(delayed(5, picture(400))))).toEqual([]);
    expect(dues(line.push(delayed(6, picture(600))))).toEqual([4]);
    expect(dues(line.push(delayed(7, picture(1))))).toEqual([5]);
  });

  it('is 256 items at most', () => {
    const line = new DelayLine(Infinity);
    const lost = [...Array(260).keys()].flatMap((seq) => dues(line.push(delayed(seq, picture(1)))));
    expect(lost).toEqual([0, 1, 2, 3]);
  });
});
