import { component } from '../graph/component.ts';
import type { Value } from '../graph/graph.ts';
import { linear, mean, reshape, toFloat, transpose } from '../graph/ops/index.ts';
import { convStages, convStagesParams, linearParams, standardised } from './layers.ts';

export interface FaceFinderConfig {
  /** Side of the square input in pixels; a multiple of 2 ** widths.length. */
  readonly size: number;
  /** Channels per stage; each stage halves the side. */
  readonly widths: readonly number[];
  /** Residual blocks per stage. */
  readonly blocks: readonly number[];
}

/** Cells along a side: places where the finder can see a face's centre. */
export function finderCells({ size, widths }: FaceFinderConfig): number {
  return size / 2 ** widths.length;
}

/**
 * Finds the face in a picture, as a small one-stage detector (after CenterNet, arXiv 1904.07850): per cell of a grid how
 * likely a face's centre lies there, how far from the cell's middle, and how large the face is.
 *
 * pixels uint8 [N, size, size, 3], the whole picture fitted in with black around, to [N, cells * cells, 4] by rows from
 * the top: a logit; the centre's offset right and down, in cells; the natural logarithm of the face's side as a share of
 * `size`. The softmax is over all logits of a picture and a 0 for no face. Colours are averaged first: what faces look like in
 * colour is not learnt from grey ones.
 */
export function faceFinder(config: FaceFinderConfig) {
  const { widths, blocks } = config;
  const last = widths.at(-1) ?? 0;
  const places = finderCells(config) ** 2;
  const params = { stages: convStagesParams(1, widths, blocks), output: linearParams(last, 4) };
  return component(params, (g, p, pixels: Value) => {
    const grey = mean(g, transpose(g, toFloat(g, pixels), [0, 3, 1, 2]), [1], true);
    const x = convStages(g, standardised(g, grey), p.stages);
    const [batch = 1] = x.shape;
    return linear(g, transpose(g, reshape(g, x, [batch, last, places]), [0, 2, 1]), p.output);
  });
}
