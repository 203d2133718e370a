import { applyNorm, linearParams, normParams, transformer, transformerParams } from '../encoders/layers.ts';
import { component } from '../graph/component.ts';
import type { Value } from '../graph/graph.ts';
import { add, linear, maskedMean, reshape, scale, shift } from '../graph/ops/index.ts';
import { weight } from '../graph/param.ts';

export interface SlotTransformerConfig {
  /** Width of a slot's embedding. */
  readonly input: number;
  readonly slots: number;
  /** Width of the blocks and of the output. */
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
}

/**
 * Pre-norm transformer over slots with learned positions, averaged: x [N, n, I] and mask [N, n] to [N, W].
 *
 * Slots whose mask is 0 are seen by none and are not in the average; with nothing observed the output is zero.
 */
export function slotTransformer({ input, slots, width, layers, heads }: SlotTransformerConfig) {
  const params = {
    input: linearParams(input, width),
    positions: weight([1, slots, width], 0.02),
    blocks: Array.from({ length: layers }, () => transformerParams(width, 2 * width)),
    norm: normParams(width),
  };
  return component(params, (g, p, { x, mask }: { x: Value; mask?: Value }) => {
    const [batch = 1] = x.shape;
    const observed = mask ?? g.constant(new Float32Array(slots).fill(1), [1, slots]);
    const [rows = 1] = observed.shape;
    const attentionBias = scale(g, shift(g, reshape(g, observed, [rows, 1, 1, slots]), -1), 1e4);
    let y = add(g, linear(g, x, p.input), p.positions);
    for (const block of p.blocks) y = transformer(g, y, block, { heads, attentionBias });
    return reshape(g, maskedMean(g, applyNorm(g, y, p.norm), observed), [batch, width]);
  });
}
