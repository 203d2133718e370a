import { component } from '../graph/component.ts';
import type { Value } from '../graph/graph.ts';
import { concat, dropout, l2Normalize, linear, mean, reshape, toFloat, transpose } from '../graph/ops/index.ts';
import { applyNorm, convStages, convStagesParams, linearParams, normParams, standardised } from './layers.ts';

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
    stages: convStagesParams(3, widths, blocks),
    place: linearParams(last, placeChannels),
    placeNorm: normParams(placeChannels),
    output: linearParams(last + side * side * placeChannels, dimension),
  };
  return component(params, (g, p, pixels: Value) => {
    const x = convStages(g, standardised(g, transpose(g, toFloat(g, pixels), [0, 3, 1, 2])), p.stages);
    const [batch = 1] = x.shape;
    const places = transpose(g, reshape(g, x, [batch, last, side * side]), [0, 2, 1]);
    const kept = applyNorm(g, linear(g, places, p.place), p.placeNorm);
    const flat = reshape(g, kept, [batch, side * side * placeChannels]);
    const features = concat(g, [mean(g, places, [1]), flat], 1);
    return l2Normalize(g, linear(g, dropout(g, features, config.dropout), p.output));
  });
}
