import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { facePart } from '../../../models/encoders/image-input/face-part.ts';
import { findFace } from '../../../models/encoders/image-input/find-face.ts';
import { storedPlace } from '../../../models/encoders/image-input/orient-square.ts';
import type { FacePlace } from '../../../training/augment/crop-picture.ts';
import { finderTarget } from '../../../training/stages/finder-target.ts';

const CELLS = 12;

/** What a finder that has learnt its target perfectly would give. */
function perfect(...faces: readonly FacePlace[]): Float32Array {
  const { cells, boxes } = finderTarget(faces, CELLS);
  const none = Math.max(1e-9, cells[CELLS * CELLS] as number);
  return Float32Array.from({ length: CELLS * CELLS * 4 }, (_, i) => {
    const cell = Math.floor(i / 4);
    return i % 4 === 0 ? Math.log(Math.max(1e-9, cells[cell] as number) / none) : (boxes[cell * 3 + (i % 4) - 1] ?? 0);
  });
}

describe('findFace', () => {
  it('reads back what the training target says, wherever the face is', () => {
    const share = fc.double({ min: 0.03, max: 0.97, noNaN: true });
    const side = fc.double({ min: 0.1, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, side, (x, y, wide) => {
        const found = findFace(perfect({ x, y, side: wide }), { cells: CELLS });
        expect(found.x).toBeCloseTo(x, 3);
        expect(found.y).toBeCloseTo(y, 3);
        expect(found.side).toBeCloseTo(wide, 3);
        expect(found.confidence).toBeGreaterThan(0.99);
      }),
    );
  });

  it('has no confidence in a picture without a face', () => {
    expect(findFace(perfect(), { cells: CELLS }).confidence).toBeLessThan(0.01);
  });

  it('reads back one of several faces', () => {
    const faces = [
      { x: 0.2, y: 0.3, side: 0.2 },
      { x: 0.7, y: 0.6, side: 0.4 },
    ];
    const found = findFace(perfect(...faces), { cells: CELLS });
    expect(found.confidence).toBeGreaterThan(0.99);
    const near = faces.filter(({ x, y }) => Math.hypot(found.x - x, found.y - y) < 1e-3);
    expect(near).toHaveLength(1);
    expect(found.side).toBeCloseTo(near[0]?.side ?? 0, 3);
  });

  it('takes the likelier of two faces, not a place between them', () => {
    const rows = new Float32Array(CELLS * CELLS * 4).fill(-20);
    const put = (column: number, row: number, logit: number): void =>
      rows.set([logit, 0, 0, Math.log(0.3)], (row * CELLS + column) * 4);
    put(2, 5, 4);
    put(9, 5, 5);
    const { x, y } = findFace(rows, { cells: CELLS });
    expect(x).toBeCloseTo(9.5 / CELLS, 3);
    expect(y).toBeCloseTo(5.5 / CELLS, 3);
  });
});

describe('facePart', () => {
  const face = { x: 0.7, y: 0.5, side: 0.25, confidence: 1 };

  it('takes the bars around the picture off again', () => {
    // 640 x 480 in a square of 640: 80 rows of black above and below.
    const part = facePart({ width: 640, height: 480, data: new Uint8Array() }, 1, face);
    expect(part).toEqual({ left: 368, top: 160, width: 160, height: 160 });
  });

  it('stays inside the picture, whatever was found', () => {
    const any = fc.double({ min: -0.5, max: 1.5, noNaN: true });
    const length = fc.integer({ min: 8, max: 2000 });
    fc.assert(
      fc.property(
        any,
        any,
        fc.double({ min: 0.001, max: 4, noNaN: true }),
        length,
        length,
        (x, y, side, width, height) => {
          const part = facePart({ width, height, data: new Uint8Array() }, 1, { x, y, side, confidence: 1 });
          expect(part.width).toBe(part.height);
          expect(part.left).toBeGreaterThanOrEqual(0);
          expect(part.top).toBeGreaterThanOrEqual(0);
          expect(part.left + part.width).toBeLessThanOrEqual(width);
          expect(part.top + part.height).toBeLessThanOrEqual(height);
          expect(part.width).toBeGreaterThan(0);
        },
      ),
    );
  });

  it.each([2, 3, 4, 5, 6, 7, 8])(
    'cuts a picture that is stored with orientation %i where its face is stored',
    (turned) => {
      const [x, y] = storedPlace(turned, face.x, face.y, 1);
      const part = facePart({ width: 400, height: 400, data: new Uint8Array() }, turned, face);
      expect(part.left + part.width / 2).toBeCloseTo(400 * x, 0);
      expect(part.top + part.height / 2).toBeCloseTo(400 * y, 0);
    },
  );
});
