import type { Activation, FeedLayers, LinearLayer, VitBlock } from '../vit/vision-transformer.ts';
import type { GraphView } from './graph-view.ts';
import { matchActivation } from './match-activation.ts';
import { matchAttention } from './match-attention.ts';
import { expect, matchLinear, matchNorm, type Matched } from './match-layers.ts';
import { scaleOutput } from './scale-layer.ts';
import { unrecognised } from './unrecognised.ts';

export interface Block extends VitBlock {
  readonly heads: number;
  readonly activation: Activation;
}

/** A pre-norm block that makes `value`. @throws UndertoneError `rewrite_unrecognised` */
export function matchBlock(view: GraphView, value: string): Matched<Block> {
  const { layer: feed, input: attended } = matchFeed(view, value);
  const [mixed, input] = residual(view, attended, 'attention beside its input', (part, rest) => {
    const { branch, scale } = unscaled(view, part);
    const { layer, input: normal } = matchAttention(view, branch);
    const norm = matchNorm(view, normal, 'the norm of attention');
    if (norm.input !== rest) return undefined;
    return { ...layer, attentionNorm: norm.layer, output: scale(layer.output) };
  });
  return { layer: { ...mixed, ...feed }, input };
}

/** A norm and a feed-forward layer, added to their input, that make `value`. */
export function matchFeed(view: GraphView, value: string): Matched<FeedLayers & { readonly activation: Activation }> {
  const [layer, input] = residual(view, value, 'a feed-forward layer beside its input', (part, rest) => {
    const { branch, scale } = unscaled(view, part);
    const down = matchLinear(view, branch, "the feed-forward layer's output");
    const activation = matchActivation(view, down.input);
    const up = matchLinear(view, activation.input, "the feed-forward layer's input");
    const norm = matchNorm(view, up.input, 'the norm of the feed-forward layer');
    if (norm.input !== rest) return undefined;
    return {
      feedNorm: norm.layer,
      up: up.layer,
      activation: activation.layer,
      down: scale(down.layer),
    };
  });
  return { layer, input };
}

/** Whether a value is a sum of two computed ones. */
export function isResidual(view: GraphView, value: string): boolean {
  const node = view.producer(value);
  return node?.opType === 'Add' && node.input.every((input) => view.constant(input) === undefined);
}

/** Matches a sum of a branch and what the branch starts from, in either order. */
function residual<T>(
  view: GraphView,
  value: string,
  what: string,
  match: (part: string, rest: string) => T | undefined,
): [T, string] {
  const node = expect(view, value, 'Add', what);
  let failure: unknown;
  for (const [part, rest] of [node.input.toReversed(), node.input] as const) {
    try {
      const found = match(part ?? '', view.source(rest));
      if (found !== undefined) return [found, view.source(rest)];
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure ?? unrecognised(what, node);
}

/** A branch without the stored factors that scale it (LayerScale), and how they are put into its last layer. */
function unscaled(view: GraphView, value: string) {
  const node = view.producer(value);
  const [a = '', b = ''] = node?.opType === 'Mul' ? node.input : [];
  for (const [factor, branch] of [
    [b, a],
    [a, b],
  ] as const) {
    const stored = view.constant(factor);
    if (!(stored?.data instanceof Float32Array)) continue;
    const { dims, data } = stored;
    const scale = (layer: LinearLayer): LinearLayer => {
      if (data.length !== layer.output || dims.at(-1) !== layer.output)
        throw unrecognised(`a factor for each of ${layer.output} channels`, `factors of [${dims.join(', ')}]`);
      return scaleOutput(layer, data);
    };
    return { branch, scale };
  }
  return { branch: value, scale: (layer: LinearLayer): LinearLayer => layer };
}
