import type { Pool, ProbePool, VisionTransformer } from '../vit/vision-transformer.ts';
import { intAttribute, intsAttribute, type GraphView } from './graph-view.ts';
import { matchCrossAttention } from './match-attention.ts';
import { isResidual, matchFeed } from './match-block.ts';
import { matchNorm, type Matched } from './match-layers.ts';
import { matchRepeated } from './match-repeated.ts';
import { unrecognised } from './unrecognised.ts';

export interface Pooled extends Pick<VisionTransformer, 'postNorm' | 'pool'> {
  /** The tokens that go in. */
  readonly input: string;
}

/** Where a slice to the end of an axis may end. */
const END = 2 ** 31 - 1;

/**
 * What makes one vector `value` of the tokens, and their norm: a probe that attends to normed tokens; the mean, or the first
 * token, with the norm before it or behind it.
 *
 * @throws UndertoneError `rewrite_unrecognised`
 */
export function matchPool(view: GraphView, value: string): Pooled {
  const alone = firstTokenOf(view, value);
  const summed = alone ?? view.unmoved(value);
  if (isResidual(view, summed)) {
    const { layer: pool, input } = matchProbe(view, summed);
    return pooled(pool, matchNorm(view, input, 'the norm of the tokens that a probe attends to'));
  }
  const averaged = meanOf(view, value);
  if (averaged !== undefined) {
    const norm = matchNorm(view, averaged.input, 'the norm of tokens before their mean');
    return pooled({ kind: 'mean', skip: averaged.layer, normed: 'before' }, norm);
  }
  // Tokens are normed one by one, so that the first may be taken before or behind.
  const norm = matchNorm(view, alone ?? value, 'a projection, or the norm of pooled tokens');
  const first = alone === undefined ? firstTokenOf(view, norm.input) : norm.input;
  if (first !== undefined) return pooled({ kind: 'token' }, { ...norm, input: first });
  const mean = meanOf(view, norm.input);
  if (mean === undefined) throw unpooled(view, norm.input);
  return pooled({ kind: 'mean', skip: mean.layer, normed: 'behind' }, { ...norm, input: mean.input });
}

function pooled(pool: Pool, { layer: postNorm, input }: Matched<VisionTransformer['postNorm']>): Pooled {
  return { pool, postNorm, input };
}

function unpooled(view: GraphView, value: string): Error {
  const what = 'tokens pooled to one: token 0 of axis 1 (Gather or Slice), the mean of axis 1, or a probe';
  return unrecognised(what, view.producer(value));
}

/** A stored token that attends to the tokens, and a feed-forward layer added to what it gets. */
function matchProbe(view: GraphView, value: string): Matched<ProbePool> {
  const { layer: feed, input: attended } = matchFeed(view, value);
  if (isResidual(view, attended)) throw unpooled(view, value);
  const { layer, input, asking } = matchCrossAttention(view, attended);
  const probe = matchRepeated(view, asking, 'the probe', layer.query.input);
  return { layer: { kind: 'probe', probe, ...layer, ...feed }, input };
}

/** The value whose first token of axis 1 is taken; undefined where none is. */
function firstTokenOf(view: GraphView, value: string): string | undefined {
  const node = view.producer(value);
  if (node?.opType === 'Gather' && intAttribute(node, 'axis', 0) === 1 && view.scalar(node.input[1]) === 0)
    return view.source(node.input[0]);
  const slice = node?.opType === 'Squeeze' || node?.opType === 'Reshape' ? view.producer(node.input[0]) : node;
  const [from, start, end, axis] = slice?.input ?? [];
  const first = view.scalar(start) === 0 && view.scalar(end) === 1 && view.scalar(axis) === 1;
  return slice?.opType === 'Slice' && first ? view.source(from) : undefined;
}

/** The value whose mean over axis 1 is taken, and how many of its first tokens are left out; undefined where none is. */
function meanOf(view: GraphView, value: string): Matched<number> | undefined {
  const node = view.producer(view.unmoved(value));
  if (node?.opType !== 'ReduceMean') return undefined;
  const axes = intsAttribute(node, 'axes') ?? [view.scalar(node.input[1])];
  if (axes.length !== 1 || axes[0] !== 1) return undefined;
  const slice = view.producer(node.input[0]);
  if (slice?.opType !== 'Slice') return { layer: 0, input: view.source(node.input[0]) };
  const [from, start, end, axis, step] = slice.input;
  const skip = view.scalar(start) ?? -1;
  const rest = skip >= 0 && (view.scalar(end) ?? 0) >= END && view.scalar(axis) === 1;
  return rest && (step === undefined || view.scalar(step) === 1)
    ? { layer: skip, input: view.source(from) }
    : undefined;
}
