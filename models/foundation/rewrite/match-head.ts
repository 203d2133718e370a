import type { NormLayer, VisionTransformer } from '../vit/vision-transformer.ts';
import { intAttribute, intsAttribute, type GraphView } from './graph-view.ts';
import { matchLinear, matchNorm, type Matched } from './match-layers.ts';
import { unrecognised } from './unrecognised.ts';

export interface Head extends Pick<VisionTransformer, 'postNorm' | 'projection' | 'unit'> {
  /** The tokens that go in. */
  readonly input: string;
}

/**
 * What makes the embedding `value` of the tokens: the norm of the class token, the projection, perhaps a division by the
 * length.
 *
 * @throws UndertoneError `rewrite_unrecognised`
 */
export function matchHead(view: GraphView, value: string): Head {
  const projected = matchUnit(view, value);
  const what = 'a projection of the class token to the embedding, without pooling by attention';
  const projection = matchLinear(view, projected ?? value, what);
  const { layer: postNorm, input } = matchPooled(view, projection.input);
  return { postNorm, projection: projection.layer, ...(projected === undefined ? {} : { unit: true }), input };
}

/** The value that `value` is the L2-normalised form of; undefined where it is none. */
function matchUnit(view: GraphView, value: string): string | undefined {
  const node = view.producer(value);
  if (node?.opType !== 'Div') return undefined;
  let length = view.producer(node.input[1]);
  while (length?.opType === 'Clip' || length?.opType === 'Expand') length = view.producer(length.input[0]);
  if (length?.opType !== 'ReduceL2') return undefined;
  const axes = intsAttribute(length, 'axes') ?? [view.scalar(length.input[1])];
  const whole = axes.length === 1 && (axes[0] === -1 || axes[0] === 1);
  return whole && view.source(length.input[0]) === view.source(node.input[0]) ? node.input[0] : undefined;
}

/** The norm of the class token, which may be taken before the norm or behind it: tokens are normed one by one. */
function matchPooled(view: GraphView, value: string): Matched<NormLayer> {
  const tokens = classTokenOf(view, value);
  const { layer, input } = matchNorm(view, tokens ?? value, 'the norm of the class token');
  const from = tokens === undefined ? classTokenOf(view, input) : input;
  if (from === undefined)
    throw unrecognised('the class token, token 0 of axis 1 (Gather or Slice)', view.producer(input));
  return { layer, input: from };
}

/** The value whose first token of axis 1 is taken; undefined where none is. */
function classTokenOf(view: GraphView, value: string): string | undefined {
  const node = view.producer(value);
  if (node?.opType === 'Gather' && intAttribute(node, 'axis', 0) === 1 && view.scalar(node.input[1]) === 0)
    return view.source(node.input[0]);
  const slice = node?.opType === 'Squeeze' || node?.opType === 'Reshape' ? view.producer(node.input[0]) : node;
  const [from, start, end, axis] = slice?.input ?? [];
  const first = view.scalar(start) === 0 && view.scalar(end) === 1 && view.scalar(axis) === 1;
  return slice?.opType === 'Slice' && first ? view.source(from) : undefined;
}
