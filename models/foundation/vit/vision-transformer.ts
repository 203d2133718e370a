/** A linear layer: y = x weight + bias, `weight` row-major [input, output]. */
export interface LinearLayer {
  readonly input: number;
  readonly output: number;
  readonly weight: Float32Array;
  readonly bias?: Float32Array;
}

/** Layer normalisation over the last axis. */
export interface NormLayer {
  readonly gain: Float32Array;
  readonly offset: Float32Array;
  readonly epsilon: number;
}

/** One pre-norm block: attention, then a feed-forward layer, each added to its input. */
export interface VitBlock {
  readonly attentionNorm: NormLayer;
  readonly query: LinearLayer;
  readonly key: LinearLayer;
  readonly value: LinearLayer;
  readonly output: LinearLayer;
  readonly feedNorm: NormLayer;
  readonly up: LinearLayer;
  readonly down: LinearLayer;
}

/** The factor in QuickGELU, x sigmoid(1.702 x). */
export const QUICK_GELU = 1.702;

/** QuickGELU, or x Phi(x) exactly or in its tanh approximation (Hendrycks and Gimpel, arXiv 1606.08415). */
export type Activation = 'quick_gelu' | 'gelu' | 'gelu_tanh';

/**
 * Weights of a Vision Transformer (arXiv 2010.11929) that reads its class token, as CLIP's image encoders do
 * (arXiv 2103.00020). With T = (imageSize / patch)^2 + 1 tokens of D values: `patchWeight` [D, 3, patch, patch],
 * `classToken` [D], `positions` [T, D]; the projection goes from D to the embedding.
 */
export interface VisionTransformer {
  readonly imageSize: number;
  readonly patch: number;
  readonly width: number;
  readonly heads: number;
  readonly activation: Activation;
  readonly patchWeight: Float32Array;
  readonly patchBias?: Float32Array;
  readonly classToken: Float32Array;
  readonly positions: Float32Array;
  readonly preNorm?: NormLayer;
  readonly blocks: readonly VitBlock[];
  readonly postNorm: NormLayer;
  readonly projection: LinearLayer;
  /** Whether embeddings are divided by their length. */
  readonly unit?: boolean;
}
