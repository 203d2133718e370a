import type { FaceFinder } from '../../bundle/manifest.ts';

/** A square in shares of the side of the finder's input, and the probability that a face is in the picture at all. */
export interface FoundFace {
  readonly x: number;
  readonly y: number;
  readonly side: number;
  readonly confidence: number;
}

/** Cells around the likeliest one whose boxes are averaged by their probability. */
const AROUND = 1;

/**
 * Reads one picture's rows of the finder's output, `cells * cells * 4` values (see `faceFinder`): the likeliest face.
 * Of several faces it is one, never a place between them.
 */
export function findFace(rows: Float32Array, { cells }: Pick<FaceFinder, 'cells'>): FoundFace {
  let peak = 0;
  for (let cell = 1; cell < cells * cells; cell++)
    if ((rows[cell * 4] as number) > (rows[peak * 4] as number)) peak = cell;
  const highest = Math.max(0, rows[peak * 4] as number);
  let total = Math.exp(-highest);
  const none = total;
  for (let at = 0; at < rows.length; at += 4) total += Math.exp((rows[at] as number) - highest);

  const [row, column] = [Math.floor(peak / cells), peak % cells];
  let [x, y, logSide, sum] = [0, 0, 0, 0];
  for (let r = Math.max(0, row - AROUND); r <= Math.min(cells - 1, row + AROUND); r++)
    for (let c = Math.max(0, column - AROUND); c <= Math.min(cells - 1, column + AROUND); c++) {
      const at = (r * cells + c) * 4;
      const weight = Math.exp((rows[at] as number) - highest);
      x += weight * (c + 0.5 + (rows[at + 1] as number));
      y += weight * (r + 0.5 + (rows[at + 2] as number));
      logSide += weight * (rows[at + 3] as number);
      sum += weight;
    }
  return { x: x / sum / cells, y: y / sum / cells, side: Math.exp(logSide / sum), confidence: 1 - none / total };
}
