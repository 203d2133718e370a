import { describe, expect, it } from 'vitest';
import { clipsFor, withValidation } from '../../../training/prepared/held-out.ts';

const FILE = 'clips.safetensors';
const clips = (n: number, more: (i: number) => { split?: string; group?: string } = () => ({})) =>
  Array.from({ length: n }, (_, i) => ({ id: `clip ${i}`, split: 'train', ...more(i) }));
const heldOut = (given: ReturnType<typeof clips>): number[] =>
  withValidation(FILE, given).clips.flatMap(({ split }, i) => (split === 'val' ? [i] : []));

describe('clips without a validation split', () => {
  it('have about a tenth of the training clips held out, the same whatever others there are', () => {
    const many = heldOut(clips(1000));
    expect(many.length).toBeGreaterThan(70);
    expect(many.length).toBeLessThan(130);
    expect(heldOut(clips(500))).toEqual(many.filter((i) => i < 500));
  });

  it('keep their other splits, and those of a group together', () => {
    const given = clips(400, (i) => ({ split: i % 4 === 0 ? 'test' : 'Train', group: `talk ${Math.floor(i / 8)}` }));
    const out = heldOut(given);
    expect(out.length).toBeGreaterThan(0);
    expect(out.every((i) => i % 4 !== 0)).toBe(true);
    const groups = new Set(out.map((i) => Math.floor(i / 8)));
    expect(out).toHaveLength(6 * groups.size);
  });

  it.each([2, 3, 5, 9])('leave one of %i at least on either side', (n) => {
    const { length } = heldOut(clips(n));
    expect(length).toBeGreaterThan(0);
    expect(length).toBeLessThan(n);
  });

  it('are too few where there is one', () => {
    const given = clips(3, (i) => (i === 0 ? {} : { split: 'test' }));
    const refused = expect.objectContaining({
      code: 'data_split',
      message: expect.stringContaining(`${FILE} has one training clip and no validation split`) as unknown,
    }) as unknown;
    expect(() => withValidation(FILE, given)).toThrow(refused);
    expect(() => clipsFor(FILE, 'val', given)).toThrow(refused);
    expect(clipsFor(FILE, 'test', given)).toEqual({ clips: given, heldOut: false });
  });

  it('are cut where they are one group', () => {
    expect(heldOut(clips(50, () => ({ group: 'all' }))).length).toBeGreaterThan(0);
  });

  it.each(['val', 'dev', 'Validation'])('are left as they are where there is one: %s', (split) => {
    const given = clips(40, (i) => (i === 0 ? { split } : {}));
    expect(withValidation(FILE, given)).toEqual({ clips: given, heldOut: false });
  });

  it('are held out of an evaluation as the validation split alone', () => {
    const given = clips(40);
    expect(clipsFor(FILE, 'Valid', given)).toEqual(withValidation(FILE, given));
    expect(clipsFor(FILE, 'test', given)).toEqual({ clips: given, heldOut: false });
  });
});
