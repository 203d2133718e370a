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

/** The layers of multi-head attention. */
export interface AttentionLayers {
  readonly query: LinearLayer;
  readonly key: LinearLayer;
  readonly value: LinearLayer;
  readonly output: LinearLayer;
}

/** A norm and a feed-forward layer, to be added to their input. */
export interface FeedLayers {
  readonly feedNorm: NormLayer;
  readonly up: LinearLayer;
  readonly down: LinearLayer;
}

/** One pre-norm block: attention, then a feed-forward layer, each added to its input. */
export interface VitBlock extends AttentionLayers, FeedLayers {
  readonly attentionNorm: NormLayer;
}

/** The factor in QuickGELU, x sigmoid(1.702 x). */
export const QUICK_GELU = 1.702;

/** QuickGELU, or x Phi(x) exactly or in its tanh approximation (Hendrycks and Gimpel, arXiv 1606.08415). */
export type Activation = 'quick_gelu' | 'gelu' | 'gelu_tanh';

/**
 * A learnt probe [D] that attends to all tokens, and a feed-forward layer added to what it gets: how SigLIP pools (arXiv
 * 2303.15343; "map" in arXiv 2106.04560).
 */
export interface ProbePool extends AttentionLayers, FeedLayers {
  readonly kind: 'probe';
  readonly probe: Float32Array;
  readonly heads: number;
  readonly activation: Activation;
}

/** How tokens become one vector: the first alone, their mean, or by a probe. */
export type Pool =
  | { readonly kind: 'token' }
  /** Without the first `skip` tokens; normed before the mean is taken, each by itself, or behind it. */
  | { readonly kind: 'mean'; readonly skip: number; readonly normed: 'before' | 'behind' }
  | ProbePool;

/**
 * Weights of a Vision Transformer (arXiv 2010.11929), as the image encoders of CLIP (arXiv 2103.00020) and SigLIP are. With
 * P = (imageSize / patch)^2 patches, and T = P tokens of D values, or P + 1 with a class token before them: `patchWeight`
 * [D, 3, patch, patch], `classToken` [D], `positions` [T, D]; the projection goes from D to the embedding, which has D values
 * without one.
 */
export interface VisionTransformer {
  readonly imageSize: number;
  readonly patch: number;
  readonly width: number;
  readonly heads: number;
  readonly activation: Activation;
  readonly patchWeight: Float32Array;
  readonly patchBias?: Float32Array;
  readonly classToken?: Float32Array;
  readonly positions: Float32Array;
  readonly preNorm?: NormLayer;
  readonly blocks: readonly VitBlock[];
  readonly postNorm: NormLayer;
  readonly pool: Pool;
  readonly projection?: LinearLayer;
  /** Whether embeddings are divided by their length. */
  readonly unit?: boolean;
}
