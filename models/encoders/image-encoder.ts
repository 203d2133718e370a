import { component } from '../graph/component.ts';
import type { Graph, Value } from '../graph/graph.ts';
import {
  concat,
  div,
  dropout,
  l2Normalize,
  linear,
  mean,
  relu,
  reshape,
  shift,
  sqrt,
  square,
  sub,
  toFloat,
  transpose,
} from '../graph/ops/index.ts';
import { applyNorm, convNorm, convNormParams, linearParams, normParams, residual, residualParams } from './layers.ts';

export interface ImageEncoderConfig {
  /** Side of the square input in pixels; a multiple of 2 ** widths.length. */
  readonly size: number;
  /** Channels per stage; each stage halves the side. */
  readonly widths: readonly number[];
  /** Residual blocks per stage. */
  readonly blocks: readonly number[];
  /** Channels that each place of the last stage keeps in the flattened features. */
  readonly placeChannels: number;
  /** d: size of the embedding. */
  readonly dimension: number;
  /** Dropout rate of the features before the last layer. */
  readonly dropout: number;
}

/**
 * The image encoder of `undertone-compact`: a small residual convolutional network.
 *
 * pixels uint8 [N, size, size, 3] (RGB rows from the top) to an L2-normalised embedding [N, d]. Each image is
 * standardised to its own mean and deviation inside the graph, which takes light and contrast out. The embedding reads
 * the last stage twice: averaged over places, and flattened, since where a feature is on a face matters.
 */
export function imageEncoder(config: ImageEncoderConfig) {
  const { size, widths, blocks, placeChannels, dimension } = config;
  const side = size / 2 ** widths.length;
  const last = widths.at(-1) ?? 0;
  const params = {
    stages: widths.map((width, i) => ({
      enter: convNormParams(i === 0 ? 3 : (widths[i - 1] ?? 0), width),
      blocks: Array.from({ length: blocks[i] ?? 0 }, () => residualParams(width)),
    })),
    place: linearParams(last, placeChannels),
    placeNorm: normParams(placeChannels),
    output: linearParams(last + side * side * placeChannels, dimension),
  };
  return component(params, (g, p, pixels: Value) => {
    let x = standardise(g, transpose(g, toFloat(g, pixels), [0, 3, 1, 2]));
    for (const stage of p.stages) {
      x = relu(g, convNorm(g, x, stage.enter, 2));
      for (const block of stage.blocks) x = residual(g, x, block);
    }
    const [batch = 1] = x.shape;
    const places = transpose(g, reshape(g, x, [batch, last, side * side]), [0, 2, 1]);
    const kept = applyNorm(g, linear(g, places, p.place), p.placeNorm);
    const flat = reshape(g, kept, [batch, side * side * placeChannels]);
    const features = concat(g, [mean(g, places, [1]), flat], 1);
    return l2Normalize(g, linear(g, dropout(g, features, config.dropout), p.output));
  });
}

/** (x - mean) / deviation of each image [N, 3, H, W]; a floor of 8 of 255 levels keeps noise of flat images small. */
function standardise(g: Graph, x: Value): Value {
  const axes = [1, 2, 3];
  const centred = sub(g, x, mean(g, x, axes, true));
  const variance = mean(g, square(g, centred), axes, true);
  return div(g, centred, sqrt(g, shift(g, variance, 64)));
}
