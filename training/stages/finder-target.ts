import type { FacePlace } from '../augment/crop-picture.ts';

/** What the finder should give for one scene with `side * side` cells. */
export interface FinderTarget {
  /** Distribution over the cells by rows, and no face last: faces share it, and of each the four cells around the centre. */
  readonly cells: Float32Array;
  /** Per cell the face's centre from the cell's middle, right and down in cells, and the logarithm of its side. */
  readonly boxes: Float32Array;
}

/** The targets of {@link faceFinder} in its own units. */
export function finderTarget(faces: readonly FacePlace[], side: number): FinderTarget {
  const cells = new Float32Array(side * side + 1);
  const boxes = new Float32Array(side * side * 3);
  if (faces.length === 0) cells[side * side] = 1;
  for (const face of faces.toSorted((a, b) => b.side - a.side)) {
    const across = nearest(face.x * side - 0.5, side);
    const down = nearest(face.y * side - 0.5, side);
    for (const [row, ofRow] of down)
      for (const [column, ofColumn] of across) {
        const cell = row * side + column;
        // A cell between two faces is the larger one's.
        if (cells[cell] === 0)
          boxes.set([face.x * side - 0.5 - column, face.y * side - 0.5 - row, Math.log(face.side)], cell * 3);
        cells[cell] = (cells[cell] as number) + (ofRow * ofColumn) / faces.length;
      }
  }
  return { cells, boxes };
}

/** The two cells around a position, in cells, with weights that sum to 1; one at the border. */
function nearest(at: number, side: number): [index: number, weight: number][] {
  const clamped = Math.min(side - 1, Math.max(0, at));
  const low = Math.min(side - 1, Math.floor(clamped));
  const share = clamped - low;
  return share === 0
    ? [[low, 1]]
    : [
        [low, 1 - share],
        [low + 1, share],
      ];
}
