import { random } from '../../random.ts';
import type { Activation, LinearLayer, NormLayer, VisionTransformer } from './vision-transformer.ts';

export interface VisionSize {
  readonly imageSize: number;
  readonly patch: number;
  readonly width: number;
  readonly heads: number;
  readonly layers: number;
  /** Units of the feed-forward layer. */
  readonly feed: number;
  /** Size of the embedding; the width in SigLIP's form, which has no projection. */
  readonly dimension: number;
  readonly activation: Activation;
  /** CLIP's form, if not told: a class token is read. SigLIP's has none and pools by a probe. */
  readonly form?: 'clip' | 'siglip';
}

/** The published architecture of OpenAI's CLIP ViT-B/32 (arXiv 2103.00020, table 20). */
export const VIT_B32: VisionSize = {
  imageSize: 224,
  patch: 32,
  width: 768,
  heads: 12,
  layers: 12,
  feed: 3072,
  dimension: 512,
  activation: 'quick_gelu',
};

/** The published architecture of Google's SigLIP base, patch 16, 224 px (arXiv 2303.15343). */
export const SIGLIP_B16: VisionSize = {
  ...VIT_B32,
  patch: 16,
  dimension: 768,
  activation: 'gelu_tanh',
  form: 'siglip',
};

/** Prime, so that rows of a weight do not repeat before this many values of it were used; for wide and narrow models. */
const POOL = { wide: 1_048_573, narrow: 65_521 };
/** Deviation of the logarithm of the norms' gains, and of offsets and biases. */
const SPREAD = 0.3;
/** One channel in so many has a large gain, as trained transformers have a few (arXiv 2208.07339). */
const OUTLIER = { every: 96, times: 6 };

/**
 * A Vision Transformer with random weights. Scales follow CLIP's own initialisation (the published `initialize_parameters`),
 * with norms that differ between channels and a few large ones, which is what makes trained activations hard to round.
 *
 * Values are taken from one pool of normal numbers, from a place that depends on seed and name: a ViT-B/32 has 88 million.
 */
export function randomVision(size: VisionSize, seed: number): VisionTransformer {
  const { imageSize, patch, width, heads, layers, feed, dimension, activation, form = 'clip' } = size;
  const draw = random(seed, 'vision pool');
  const length = width > 256 ? POOL.wide : POOL.narrow;
  const pool = Float32Array.from({ length }, () => draw.normal());
  const normal = (name: string, count: number, std: number): Float32Array => {
    let at = random(seed, name).int(length);
    const out = new Float32Array(count);
    for (let i = 0; i < count; i++) {
      out[i] = (pool[at] as number) * std;
      at = at + 1 === length ? 0 : at + 1;
    }
    return out;
  };
  const linear = (name: string, input: number, output: number, std: number): LinearLayer => ({
    input,
    output,
    weight: normal(`${name}.weight`, input * output, std),
    bias: normal(`${name}.bias`, output, SPREAD * std * Math.sqrt(input)),
  });
  const norm = (name: string, outliers: boolean): NormLayer => ({
    gain: normal(`${name}.gain`, width, SPREAD).map(
      (value, i) => Math.exp(value) * (outliers && i % OUTLIER.every === 7 ? OUTLIER.times : 1),
    ),
    offset: normal(`${name}.offset`, width, SPREAD),
    epsilon: 1e-5,
  });
  const inner = 1 / Math.sqrt(2 * width * layers);
  const attention = (name: string) => ({
    query: linear(`${name}.query`, width, width, width ** -0.5),
    key: linear(`${name}.key`, width, width, width ** -0.5),
    value: linear(`${name}.value`, width, width, width ** -0.5),
    output: linear(`${name}.output`, width, width, inner),
  });
  const feedLayers = (name: string) => ({
    feedNorm: norm(`${name}.feed_norm`, true),
    up: linear(`${name}.up`, width, feed, 1 / Math.sqrt(2 * width)),
    down: linear(`${name}.down`, feed, width, inner),
  });
  const block = (name: string) => ({
    attentionNorm: norm(`${name}.attention_norm`, true),
    ...attention(name),
    ...feedLayers(name),
  });
  const patches = (imageSize / patch) ** 2;
  const common = {
    imageSize,
    patch,
    width,
    heads,
    activation,
    patchWeight: normal('patches', width * 3 * patch * patch, 0.02),
    blocks: Array.from({ length: layers }, (_, i) => block(`blocks.${i}`)),
    postNorm: norm('post_norm', false),
  };
  if (form === 'siglip') {
    const probe = normal('probe', width, 1);
    return {
      ...common,
      patchBias: normal('patches.bias', width, SPREAD),
      positions: normal('positions', patches * width, width ** -0.5),
      pool: { kind: 'probe', probe, heads, activation, ...attention('pool'), ...feedLayers('pool') },
    };
  }
  const { bias: _, ...projection } = linear('projection', width, dimension, width ** -0.5);
  return {
    ...common,
    classToken: normal('class', width, width ** -0.5),
    positions: normal('positions', (patches + 1) * width, width ** -0.5),
    preNorm: norm('pre_norm', false),
    pool: { kind: 'token' },
    projection,
  };
}
